import { readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { catalog, machines } from '../../functions/catalog.ts';
import { Config } from '../../functions/lib/config.ts';
import { apiPage } from './api-page.ts';
import { callsPage } from './calls-page.ts';
import { eventTypesFile, operationsFile, requestsFile } from './client-files.ts';
import { errorCodes, errorPage, errorsPage } from './error-pages.ts';
import { madeFrom, table } from './markdown.ts';
import { cliPage, httpPage, openapiDocument } from './reference-pages.ts';
import { root, type Step } from './shell.ts';
import { stepFunctionsPage } from './step-functions-page.ts';

type Entry = (typeof catalog)[keyof typeof catalog];

function triggerOf({ trigger }: Entry): string {
  if (trigger.kind === 'queue')
    return `queue \`${trigger.queue}\`, ${trigger.batch} at a time, ${trigger.parallel} at once`;
  return trigger.kind === 'schedule' ? `every ${trigger.everyS} s` : 'a state machine';
}

function functionsPage(): string {
  const rows = Object.entries(catalog).map(([name, entry]) => [
    `\`${entry.area}/${name}\``,
    entry.plane,
    triggerOf(entry),
    entry.isPerFacility ? 'each facility' : 'the plane',
    `${entry.timeoutS} s, ${entry.memoryMb} MB`,
    entry.uses.join(', '),
  ]);
  const asl = Object.entries(machines).map(([name, plane]) => [`\`statemachines/${name}.asl.json\``, plane]);
  return `${madeFrom('functions/catalog.ts')}
# Functions and state machines

${table(['function', 'plane', 'runs on', 'one for', 'limits', 'uses'], rows)}

${table(['state machine', 'plane'], asl)}
`;
}

const Setting = z.object({
  default: z.unknown().optional(),
  enum: z.array(z.string()).optional(),
  pattern: z.string().optional(),
  minimum: z.number().optional(),
  maximum: z
    .number()
    .max(Number.MAX_SAFE_INTEGER - 1)
    .optional()
    .catch(undefined),
});
const Settings = z.object({ properties: z.record(z.string(), Setting) });

function allowedBy(row: z.infer<typeof Setting>): string {
  if (row.enum !== undefined) return row.enum.join(', ');
  if (row.minimum !== undefined)
    return row.maximum === undefined ? `from ${row.minimum}` : `${row.minimum} to ${row.maximum}`;
  return row.pattern === undefined ? '' : `\`${row.pattern}\``;
}

/** The settings with what their comments say and what they are when nobody sets them. */
function settingsPage(): string {
  const source = readFileSync(join(root, 'functions/lib/config.ts'), 'utf8');
  const said = new Map(
    [...source.matchAll(/\/\*\* ([^*]+) \*\/\s+(PAPILIO_\w+):/g)].map(
      ([, text = '', name = '']) => [name, text] as const,
    ),
  );
  const { properties } = Settings.parse(z.toJSONSchema(Config, { io: 'input' }));
  const rows = Object.entries(properties).map(([name, row]) => [
    `\`${name}\``,
    // The Node that runs this is somewhere else on each machine.
    row.default === process.execPath ? "papilio's own Node" : row.default === undefined ? '' : `\`${row.default}\``,
    allowedBy(row),
    said.get(name) ?? '',
  ]);
  return `${madeFrom('functions/lib/config.ts')}
# Settings

Variables of the environment, read once at the start; a bad one stops the start and is named.

${table(['variable', 'default', 'allowed', 'meaning'], rows)}
`;
}

/** Every generated page and how it is made. */
export const pages: ReadonlyMap<string, () => string | Promise<string>> = new Map<
  string,
  () => string | Promise<string>
>([
  ['docs/reference/cli.md', cliPage],
  ['docs/reference/http.md', httpPage],
  ['docs/reference/openapi.json', openapiDocument],
  ['docs/reference/errors.md', errorsPage],
  ...errorCodes.map((code) => [`docs/reference/errors/${code}.md`, errorPage(code)] as const),
  ['docs/reference/functions.md', functionsPage],
  ['docs/reference/settings.md', settingsPage],
  ['docs/reference/step-functions.md', stepFunctionsPage],
  ['docs/reference/step-functions-api.md', apiPage],
  ['docs/developers/calls.md', callsPage],
  ['clients/http/generated/operations.ts', operationsFile],
  ['clients/http/generated/requests.ts', requestsFile],
  ['clients/http/generated/event-types.ts', eventTypesFile],
]);

async function stale(): Promise<readonly string[]> {
  const found: string[] = [];
  // One after the other: those that listen to an application as it is made would hear another's routes.
  for (const [path, make] of pages) {
    const text = await readFile(join(root, path), 'utf8').catch(() => '');
    if (text !== (await make())) found.push(`${path} is not what its source says; run: npm run docs`);
  }
  const ofErrors = await readdir(join(root, 'docs/reference/errors'));
  const gone = ofErrors.map((name) => `docs/reference/errors/${name}`).filter((path) => !pages.has(path));
  return [...found, ...gone.map((path) => `${path} is about a code that is none; delete it`)];
}

/** Generated pages say what their sources say. */
export const pagesStep: Step = { name: 'generated pages', run: stale };

// Words after `--write` choose pages by their path.
if (import.meta.main && process.argv[2] === '--write') {
  const chosen = process.argv.slice(3);
  for (const [path, make] of pages) {
    if (chosen.length > 0 && !chosen.some((word) => path.includes(word))) continue;
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), await make());
  }
}
