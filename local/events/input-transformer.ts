import { compilePath } from '../stepfunctions/expressions/json-path.ts';
import { type Json, type JsonObject, parseJson } from '../stepfunctions/json.ts';
import { Meter } from '../stepfunctions/meter.ts';

/** The rule that matched, and when its event came. */
export type RuleInput = { readonly name: string; readonly arn: string; readonly ingestedAt: string };

/** What an event becomes on its way to a target. */
export type Transform = (event: JsonObject, rule: RuleInput) => string;

/** A transformer that cannot be understood. */
export class InvalidTransformer extends Error {
  override readonly name = 'InvalidTransformer';
}

type Value = (event: JsonObject, rule: RuleInput) => Json | undefined;

const PREDEFINED: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['aws.events.rule-arn', (_event, { arn }) => arn],
  ['aws.events.rule-name', (_event, { name }) => name],
  ['aws.events.event.ingestion-time', (_event, { ingestedAt }) => ingestedAt],
  ['aws.events.event', ({ detail: _detail, ...event }) => event],
  ['aws.events.event.json', (event) => event],
]);

const readBy = (path: string, where: string): Value => {
  try {
    const { read } = compilePath(path);
    return (event) => read(event, new Meter(Number.POSITIVE_INFINITY));
  } catch (error) {
    throw new InvalidTransformer(`${where}: ${path} is no path: ${error instanceof Error ? error.message : error}`);
  }
};

type Piece = string | { readonly value: Value; readonly isInText: boolean };

const placeholder = /<([A-Za-z0-9_.-]+)>/g;

/** Whether the JSON text so far has opened a string that it has not closed. */
const isInString = (text: string): boolean =>
  (text.match(/\\.|"/gs) ?? []).filter((mark) => mark === '"').length % 2 === 1;

const piecesOf = (template: string, values: ReadonlyMap<string, Value>, isJson: boolean): readonly Piece[] => {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of template.matchAll(placeholder)) {
    const value = values.get(match[1] ?? '');
    if (value === undefined) throw new InvalidTransformer(`InputTemplate: ${match[0]} is no variable of InputPathsMap`);
    pieces.push(template.slice(from, match.index), {
      value,
      isInText: !isJson || isInString(template.slice(0, match.index)),
    });
    from = match.index + match[0].length;
  }
  return [...pieces, template.slice(from)];
};

const asText = (value: Json | undefined): string =>
  value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);

const written = (value: Json | undefined, isInText: boolean, isJson: boolean): string => {
  if (!isInText) return JSON.stringify(value ?? null);
  return isJson ? JSON.stringify(asText(value)).slice(1, -1) : asText(value);
};

const fromTemplate = (paths: Readonly<Record<string, string>>, template: string): Transform => {
  const own = Object.entries(paths).map(([name, path]) => [name, readBy(path, `InputPathsMap.${name}`)] as const);
  const isJson = /^\s*["{[]/.test(template);
  const pieces = piecesOf(template, new Map([...PREDEFINED, ...own]), isJson);
  const example = pieces.map((piece) => (typeof piece === 'string' ? piece : piece.isInText ? '' : 'null')).join('');
  if (isJson && parseJson(example) === undefined) throw new InvalidTransformer('InputTemplate: is no JSON');
  return (event, rule) =>
    pieces
      .map((piece) => (typeof piece === 'string' ? piece : written(piece.value(event, rule), piece.isInText, isJson)))
      .join('');
};

/** Compiles what a target wants of an event: all, a part, a fixed text, or a template. @throws InvalidTransformer */
export const compileTransformer = ({
  Input,
  InputPath,
  InputTransformer,
}: {
  readonly Input?: string | undefined;
  readonly InputPath?: string | undefined;
  readonly InputTransformer?:
    | { readonly InputPathsMap: Readonly<Record<string, string>>; readonly InputTemplate: string }
    | undefined;
}): Transform => {
  if ([Input, InputPath, InputTransformer].filter((given) => given !== undefined).length > 1) {
    throw new InvalidTransformer('wants one of Input, InputPath and InputTransformer');
  }
  if (Input !== undefined) return () => Input;
  if (InputTransformer) return fromTemplate(InputTransformer.InputPathsMap, InputTransformer.InputTemplate);
  const read = readBy(InputPath ?? '$', 'InputPath');
  return (event, rule) => JSON.stringify(read(event, rule) ?? {});
};
