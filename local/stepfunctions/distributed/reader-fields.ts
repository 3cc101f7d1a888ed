import { compilePayload } from '../data-flow.ts';
import type { Definition } from '../definition.ts';
import type { Thread, Turn } from '../model.ts';
import { compileNumber } from '../states/numbers.ts';
import type { ReadRequest } from './map-request.ts';

/** Evaluates an ItemReader when its Map is entered; `input` is the Map's own. */
export type ReaderField = (turn: Turn, thread: Thread, input: Json) => ReadRequest;

type Json = ReadRequest['parameters'];

const DELIMITERS = new Map([
  ['COMMA', ','],
  ['PIPE', '|'],
  ['SEMICOLON', ';'],
  ['SPACE', ' '],
  ['TAB', '\t'],
]);
/** AWS's limit on the items of one map run. */
const MAX_ITEMS = 100_000_000;
const RESOURCE = /^arn:[^:]+:states:::s3:(getObject|listObjectsV2)$/;

/** A field that takes one of a few words; complains about others. */
export const oneOf = <T extends string>(definition: Definition, field: string, words: readonly T[]): T | undefined => {
  const text = definition.text(field);
  const word = words.find((each) => each === text);
  if (text !== undefined && word === undefined) definition.problem(field, `Value must be one of ${words.join(', ')}`);
  return word;
};

const headersOf = (config: Definition): string[] | undefined => {
  const place = oneOf(config, 'CSVHeaderLocation', ['FIRST_ROW', 'GIVEN'] as const);
  if (place === 'GIVEN') return config.texts('CSVHeaders');
  if (place === undefined) config.problem('CSVHeaderLocation', "The field 'CSVHeaderLocation' is required with CSV");
  if (config.has('CSVHeaders')) config.problem('CSVHeaders', "The field 'CSVHeaders' needs CSVHeaderLocation GIVEN");
  return undefined;
};

const CONFIG_FIELDS = new Set([
  ...['InputType', 'CSVHeaderLocation', 'CSVHeaders', 'CSVDelimiter', 'MaxItems', 'MaxItemsPath', 'ManifestType'],
  ...['Transformation', 'ItemsPointer'],
]);

type InputType = ReadRequest['config']['inputType'];

const knownType = (inputType: InputType | 'PARQUET' | undefined): InputType =>
  inputType === undefined || inputType === 'PARQUET' ? 'NONE' : inputType;

const checkType = (config: Definition, isInventory: boolean, isRead: boolean): void => {
  if (config.fields.InputType === 'PARQUET') config.problem('InputType', "InputType 'PARQUET' is not supported yet");
  const hasType = config.has('InputType');
  if (isInventory && hasType) {
    config.problem('InputType', "The field 'InputType' cannot be there with ManifestType S3_INVENTORY");
  } else if (isRead && !isInventory && !hasType) {
    config.problem('InputType', "The field 'InputType' is required but was missing");
  }
};

/** The fixed part of ReaderConfig. */
const configOf = (config: Definition, resource: ReadRequest['resource']): ReadRequest['config'] => {
  config.allow(CONFIG_FIELDS);
  const inputType = oneOf(config, 'InputType', ['CSV', 'JSON', 'JSONL', 'MANIFEST', 'PARQUET'] as const);
  const isFlattened = oneOf(config, 'Transformation', ['NONE', 'LOAD_AND_FLATTEN'] as const) === 'LOAD_AND_FLATTEN';
  const delimiter = oneOf(config, 'CSVDelimiter', [...DELIMITERS.keys()]) ?? 'COMMA';
  const manifestType = oneOf(config, 'ManifestType', ['S3_INVENTORY', 'ATHENA_DATA'] as const);
  const isInventory = manifestType === 'S3_INVENTORY';
  checkType(config, isInventory, resource === 'getObject' || isFlattened);
  const headers = inputType === 'CSV' ? headersOf(config) : undefined;
  const pointer = config.text('ItemsPointer');
  return {
    inputType: isInventory ? 'MANIFEST' : knownType(inputType),
    delimiter: DELIMITERS.get(delimiter) ?? ',',
    isFlattened,
    ...(headers && { headers }),
    ...(manifestType && { manifestType }),
    ...(pointer !== undefined && { pointer }),
  };
};

/** What names the bucket: Parameters, or in JSONata Arguments. */
export const placeField = ({ isJsonata }: Definition): string => (isJsonata ? 'Arguments' : 'Parameters');

/** Compiles a distributed Map's ItemReader. */
export const compileReader = (map: Definition): ReaderField | undefined => {
  const definition = map.object('ItemReader');
  if (!definition) return undefined;
  const place = placeField(definition);
  definition.allow(new Set(['Resource', place, 'ReaderConfig']));
  const text = definition.requiredText('Resource');
  const name = RESOURCE.exec(text ?? '')?.[1];
  if (text !== undefined && name === undefined) {
    definition.problem('Resource', `The resource provided ${text} is not supported`);
  }
  const resource = name === 'listObjectsV2' ? name : 'getObject';
  if (!definition.has(place)) definition.problemAt(definition.at, `The field '${place}' is required but was missing`);
  const fields = definition.object('ReaderConfig') ?? definition.with({});
  const config = configOf(fields, resource);
  const parameters = compilePayload(definition, place);
  const maxItems = compileNumber(fields, 'MaxItems', 1, MAX_ITEMS);
  return (turn, thread, input) => ({
    resource,
    parameters: parameters(turn, thread, input),
    config,
    maxItems: maxItems(turn, thread, input) ?? 0,
  });
};
