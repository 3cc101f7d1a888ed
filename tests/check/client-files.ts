import { channel } from 'node:diagnostics_channel';
import { readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@hey-api/openapi-ts';
import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { anApi } from '../builders/an-api.ts';
import { openapiDocument } from './reference-pages.ts';
import { root } from './shell.ts';

const head = '// Made from functions/api by `npm run docs`; edit the routes, not this file.\n';

const pascal = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

const Document = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), z.looseObject({ operationId: z.string() }))),
});

/** Types of events, out of the table of the reference page. */
export const eventTypesFile = async (): Promise<string> => {
  const page = await readFile(join(root, 'docs/reference/events.md'), 'utf8');
  const types = [...page.matchAll(/^\| `([a-z-]+\.[a-z-]+)`/gm)].map(([, type = '']) => type).sort();
  const lines = types.map((type) => `  '${type}',`).join('\n');
  const made = '// Made from docs/reference/events.md by `npm run docs`; edit the page, not this file.\n';
  return `${made}\n/** Types of the events that papilio writes. */\nexport const eventTypes: readonly string[] = [\n${lines}\n];\n`;
};

/** The requests as types, made by openapi-ts; it makes answers too, which here are parsed by their own schemas. */
export const requestsFile = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'papilio-requests-'));
  try {
    await createClient({
      input: Document.parse(JSON.parse(await openapiDocument())),
      output: { path: folder, entryFile: false },
      plugins: ['@hey-api/typescript'],
      logs: { level: 'silent', file: false },
    });
    const text = await readFile(join(folder, 'types.gen.ts'), 'utf8');
    const blocks = new Map(
      [...text.matchAll(/^(?:\/\*\*\n(?: \*.*\n)+)?export type (\w+) = [\s\S]*?;\n(?=\n|$)/gm)].map(
        ([block, name = '']) => [name, block] as const,
      ),
    );
    const wanted = new Set([...blocks.keys()].filter((name) => name.endsWith('Data')));
    // A set goes on to what is added while it is walked: what a request names comes with it.
    for (const name of wanted) {
      for (const [word] of blocks.get(name)?.matchAll(/\b[A-Z]\w+\b/g) ?? []) if (blocks.has(word)) wanted.add(word);
    }
    return `${head}\n${[...wanted].map((name) => blocks.get(name)?.replace(/^ +url: .*\n/m, '')).join('\n')}`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const Route = z.looseObject({
  url: z.string(),
  method: z.union([z.string(), z.array(z.string())]),
  schema: z
    .looseObject({ operationId: z.string().optional(), response: z.looseObject({ 200: z.unknown() }).optional() })
    .optional(),
});
type Route = z.output<typeof Route>;
const Made = z.object({ fastify: z.custom<FastifyInstance>((value) => value instanceof Object) });

/** Every route as it is added, with the schemas themselves, which the OpenAPI document has no more. */
const routesOf = async (): Promise<Route[]> => {
  const routes: unknown[] = [];
  const listen = (message: unknown) => {
    Made.parse(message).fastify.addHook('onRoute', (route) => void routes.push(route));
  };
  const made = channel('fastify.initialization');
  made.subscribe(listen);
  try {
    await using api = await anApi();
    await api.app.ready();
  } finally {
    made.unsubscribe(listen);
  }
  return routes.map((route) => Route.parse(route));
};

type Schema = { readonly name: string; readonly file: string };

/** Where each schema is defined, by the schema itself. */
const namesOfSchemas = async (): Promise<ReadonlyMap<unknown, Schema>> => {
  const names = new Map<unknown, Schema>();
  for (const file of readdirSync(join(root, 'functions/lib/schema')).sort()) {
    const exported: object = await import(join(root, 'functions/lib/schema', file));
    for (const [name, schema] of Object.entries(exported)) {
      if (!names.has(schema)) names.set(schema, { name, file: file.replace(/\.ts$/, '') });
    }
  }
  return names;
};

const JsonAnswer = z.looseObject({
  content: z.looseObject({ 'application/json': z.looseObject({ schema: z.unknown() }) }),
});

/** The schema of a JSON answer; undefined for text and bytes. @throws if it lies where no client can import it */
const answerOf = (id: string, told: unknown, schemas: ReadonlyMap<unknown, Schema>): Schema | undefined => {
  const json = JsonAnswer.safeParse(told).data?.content['application/json'].schema;
  if (json === undefined && !(told instanceof z.ZodType)) return undefined;
  const found = schemas.get(json ?? told);
  if (found !== undefined) return found;
  throw new Error(`the answer of ${id} is no schema that functions/lib/schema exports; a client cannot read it`);
};

type Line = { readonly text: string; readonly answer: Schema | undefined };

const lineOf = ({ url, method, schema }: Route, schemas: ReadonlyMap<unknown, Schema>): Line[] => {
  const id = schema?.operationId;
  if (id === undefined || method === 'HEAD') return [];
  const answer = answerOf(id, schema?.response?.[200] ?? schema?.response?.['201'], schemas);
  const route = `method: '${[method].flat()[0]}', path: '${url.replace(/:(\w+)/g, '{$1}')}'`;
  const request = `requests.${pascal(id)}Data`;
  const text =
    answer === undefined
      ? `export const ${id}: Endpoint<${request}> = { ${route} };`
      : `export const ${id}: Operation<${request}, typeof ${answer.name}> = { ${route}, answer: ${answer.name} };`;
  return [{ text, answer }];
};

/** The routes as values: method, path, and the schema of the answer, which lies in functions/lib/schema. */
export const operationsFile = async (): Promise<string> => {
  const schemas = await namesOfSchemas();
  const lines = (await routesOf()).flatMap((route) => lineOf(route, schemas));
  const answers = lines.flatMap(({ answer }) => (answer === undefined ? [] : [answer]));
  const files = Map.groupBy(answers, ({ file }) => file);
  const imports = [...files].map(([file, schema]) => {
    const names = new Set(schema.map(({ name }) => name));
    return `import { ${[...names].sort().join(', ')} } from '#schema/${file}';`;
  });
  return `${[
    head,
    ...imports.sort(),
    `import type { Endpoint, Operation } from '../operation.ts';`,
    `import type * as requests from './requests.ts';`,
    '',
    ...lines.map(({ text }) => text).sort(),
  ].join('\n')}\n`;
};
