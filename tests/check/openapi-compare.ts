import * as z from 'zod';
import { type Lookup, schemaBreaks } from './openapi-schema.ts';

const Media = z.looseObject({ schema: z.unknown() });
const Parameter = z.looseObject({
  name: z.string(),
  in: z.string(),
  required: z.boolean().optional(),
  schema: z.unknown(),
});
type Parameter = z.infer<typeof Parameter>;
const Answer = z.looseObject({ content: z.record(z.string(), Media).optional() });
const Body = z.looseObject({ required: z.boolean().optional(), content: z.record(z.string(), Media) });
const Operation = z.looseObject({
  operationId: z.string(),
  parameters: z.array(Parameter).default([]),
  requestBody: Body.optional(),
  responses: z.record(z.string(), Answer),
});
type Operation = z.infer<typeof Operation>;
const Document = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.looseObject({}).optional(),
});
type Document = z.infer<typeof Document>;

const Step = z.record(z.string(), z.unknown());
const lookIn =
  (document: Document) =>
  (ref: string): unknown =>
    ref
      .slice(2)
      .split('/')
      .reduce<unknown>((at, key) => Step.parse(at)[key.replaceAll('~1', '/').replaceAll('~0', '~')], document);

/** Operations by method and path; what a parameter of the path is called breaks nobody's request. */
const operationsOf = ({ paths }: Document): ReadonlyMap<string, Operation> =>
  new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [
        `${method.toUpperCase()} ${path.replace(/\{[^}]+\}/g, '{}')}`,
        operation,
      ]),
    ),
  );

const keyOf = ({ in: place, name }: Parameter): string => `${place} ${place === 'header' ? name.toLowerCase() : name}`;

/** Parameters of the path stand at their place, the others under their name. */
const parametersOf = ({ parameters }: Operation): ReadonlyMap<string, Parameter> => {
  const inPath = parameters.filter(({ in: place }) => place === 'path');
  return new Map(parameters.map((one) => [one.in === 'path' ? `path ${inPath.indexOf(one)}` : keyOf(one), one]));
};

type Both = { readonly at: string; readonly before: Operation; readonly now: Operation; readonly lookup: Lookup };

const parameterBreaks = ({ at, before, now, lookup }: Both): string[] => {
  const today = parametersOf(now);
  const old = parametersOf(before);
  const added = [...today].filter(([key, { required }]) => required && !old.get(key)?.required);
  const known = [...old].flatMap(([key, parameter]) => {
    const still = today.get(key);
    if (still === undefined) return [`${at}: ${key} is gone`];
    const pair = { before: parameter.schema, now: still.schema, at: `${at}: ${key}`, is: 'request' } as const;
    return schemaBreaks(pair, lookup);
  });
  return [...added.map(([key]) => `${at}: ${key} is needed now`), ...known];
};

const bodyBreaks = ({ at, before, now, lookup }: Both): string[] => {
  const [old, today] = [before.requestBody, now.requestBody];
  if (old === undefined) return today?.required ? [`${at}: a body is needed now`] : [];
  if (today === undefined) return [`${at}: takes no body any more`];
  const needed = today.required && !old.required ? [`${at}: a body is needed now`] : [];
  const contents = Object.entries(old.content).flatMap(([type, media]) => {
    const still = today.content[type];
    if (still === undefined) return [`${at}: takes no ${type} any more`];
    return schemaBreaks({ before: media.schema, now: still.schema, at: `${at}: body`, is: 'request' }, lookup);
  });
  return [...needed, ...contents];
};

const answerBreaks = ({ at, before, now, lookup }: Both): string[] =>
  Object.entries(before.responses).flatMap(([status, old]) => {
    const today = now.responses[status];
    if (today === undefined) return [`${at}: answers no ${status} any more`];
    return Object.entries(old.content ?? {}).flatMap(([type, media]) => {
      const still = today.content?.[type];
      if (still === undefined) return [`${at}: ${status} is no ${type} any more`];
      return schemaBreaks({ before: media.schema, now: still.schema, at: `${at}: ${status}`, is: 'answer' }, lookup);
    });
  });

/** What a client of the released interface would stumble over in today's: nothing, as long as it only grows. */
export const breaksOf = (released: unknown, current: unknown): string[] => {
  const [before, now] = [Document.parse(released), Document.parse(current)];
  const lookup = { before: lookIn(before), now: lookIn(now) };
  const today = operationsOf(now);
  return [...operationsOf(before)].flatMap(([at, old]) => {
    const still = today.get(at);
    if (still === undefined) return [`${at}: is gone`];
    const both = { at, before: old, now: still, lookup };
    const renamed =
      old.operationId === still.operationId ? [] : [`${at}: is called ${still.operationId}, was ${old.operationId}`];
    return [...renamed, ...parameterBreaks(both), ...bodyBreaks(both), ...answerBreaks(both)];
  });
};
