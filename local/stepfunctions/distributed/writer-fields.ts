import { compilePayload } from '../data-flow.ts';
import type { Definition } from '../definition.ts';
import { runtimeFailure } from '../failure.ts';
import { isObject, type Json, own } from '../json.ts';
import { MAX_DATA_BYTES } from '../limits.ts';
import type { Thread, Turn } from '../model.ts';
import { compileNumber } from '../states/numbers.ts';
import type { BatchRequest, WriteRequest } from './map-request.ts';
import { oneOf, placeField } from './reader-fields.ts';

/** Evaluates a field of a distributed Map when it is entered; `input` is the Map's own. */
type Field<T> = (turn: Turn, thread: Thread, input: Json) => T;

const MAX_BATCH_ITEMS = 100_000_000;

/** Compiles a distributed Map's ItemBatcher. */
export const compileBatcher = (map: Definition): Field<BatchRequest> | undefined => {
  const definition = map.object('ItemBatcher');
  if (!definition) return undefined;
  const limits = ['MaxItemsPerBatch', 'MaxItemsPerBatchPath', 'MaxInputBytesPerBatch', 'MaxInputBytesPerBatchPath'];
  definition.allow(new Set(['BatchInput', ...limits]));
  if (!limits.some((field) => definition.has(field))) {
    definition.problemAt(definition.at, "One of 'MaxItemsPerBatch' and 'MaxInputBytesPerBatch' is required");
  }
  const maxItems = compileNumber(definition, 'MaxItemsPerBatch', 1, MAX_BATCH_ITEMS);
  const maxBytes = compileNumber(definition, 'MaxInputBytesPerBatch', 1, MAX_DATA_BYTES);
  const input = definition.has('BatchInput') ? compilePayload(definition, 'BatchInput') : undefined;
  return (turn, thread, given) => ({
    maxItems: maxItems(turn, thread, given),
    maxBytes: maxBytes(turn, thread, given),
    input: input?.(turn, thread, given),
  });
};

const targetOf = (parameters: Json): NonNullable<WriteRequest['target']> => {
  const bucket = isObject(parameters) ? own(parameters, 'Bucket') : undefined;
  const prefix = isObject(parameters) ? (own(parameters, 'Prefix') ?? '') : undefined;
  if (typeof bucket === 'string' && typeof prefix === 'string') return { bucket, prefix };
  throw runtimeFailure('ResultWriter must name a Bucket and may name a Prefix.');
};

/** Compiles a distributed Map's ResultWriter. */
export const compileWriter = (map: Definition): Field<WriteRequest> | undefined => {
  const definition = map.object('ResultWriter');
  if (!definition) return undefined;
  const place = placeField(definition);
  definition.allow(new Set(['Resource', place, 'WriterConfig']));
  const resource = definition.text('Resource');
  if (resource !== undefined && !/^arn:[^:]+:states:::s3:putObject$/.test(resource)) {
    definition.problem('Resource', `The resource provided ${resource} is not supported`);
  }
  const hasTarget = definition.has('Resource');
  if (hasTarget !== definition.has(place)) {
    definition.problemAt(definition.at, `The fields 'Resource' and '${place}' are only used together`);
  }
  if (!hasTarget && !definition.has('WriterConfig')) {
    definition.problemAt(definition.at, `One of 'WriterConfig' and 'Resource' with '${place}' is required`);
  }
  const config = definition.object('WriterConfig');
  config?.allow(new Set(['Transformation', 'OutputType']));
  const given = config && oneOf(config, 'Transformation', ['NONE', 'COMPACT', 'FLATTEN'] as const);
  const transformation = given ?? (hasTarget ? 'NONE' : 'COMPACT');
  const outputType = (config && oneOf(config, 'OutputType', ['JSON', 'JSONL'] as const)) ?? 'JSON';
  const parameters = compilePayload(definition, place);
  return (turn, thread, input) => ({
    transformation,
    outputType,
    ...(hasTarget && { target: targetOf(parameters(turn, thread, input)) }),
  });
};
