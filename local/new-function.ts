import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** The nouns of the experiment, one per theme of the requirements; a new one needs an ADR. */
export const areas: ReadonlySet<string> = new Set([
  ...['access', 'accounting', 'brokerage', 'campaigns', 'daq', 'ddm', 'facilities', 'jobs', 'metadata', 'monitoring'],
  ...['streaming', 'workflows'],
]);

/** What is asked for: `<area>/<verb-noun>`, and the plane that runs it. */
export type Wish = { readonly area: string; readonly name: string; readonly plane: string };

const endOfCatalogue = '} as const satisfies Record<string, CatalogEntry>;';

const fileOf = ({ area, name }: Wish): string => `functions/${area}/${name}.fn.ts`;
const testOf = ({ area, name }: Wish): string => `tests/unit/${area}/${name}.test.ts`;
const exportOf = ({ name }: Wish): string => name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** Why a function cannot be made; nothing if it can. */
export function refusal(wish: Wish, catalogue: string, exists: (path: string) => boolean): string | undefined {
  const { area, name, plane } = wish;
  const reasons: readonly (readonly [boolean, string])[] = [
    [areas.has(area), `'${area}' is no area; there are ${[...areas].join(', ')}. A new one needs an ADR.`],
    [/^[a-z]+(-[a-z][a-z0-9]*)+$/.test(name), `'${name}' is not <verb-noun> in kebab-case, such as choose-facility.`],
    [['archive', 'work'].includes(plane), `'${plane}' is no plane; there are archive and work.`],
    [!catalogue.includes(`'${name}':`), `the catalogue already has a function '${name}'.`],
    [!exists(fileOf(wish)), `${fileOf(wish)} is already there.`],
    [!exists(testOf(wish)), `${testOf(wish)} is already there.`],
    [catalogue.includes(endOfCatalogue), 'functions/catalog.ts does not end its list as expected.'],
  ];
  return reasons.find(([holds]) => !holds)?.[1];
}

function catalogueWith(wish: Wish, catalogue: string): string {
  const facts = `area: '${wish.area}', plane: '${wish.plane}', memoryMb: 256, timeoutS: 30`;
  const row = `  '${wish.name}': { ${facts}, trigger: machine, isPerFacility: false, uses: [] },\n`;
  return catalogue.replace(endOfCatalogue, () => `${row}${endOfCatalogue}`);
}

function functionText(wish: Wish): string {
  return `import * as z from 'zod';
import { defineFunction } from '#lib/function';

/** ${sentenceOf(wish)}. */
export const ${exportOf(wish)} = defineFunction({
  name: '${wish.name}',
  effect: 'none',
  input: z.object({ subject: z.string().min(1) }),
  output: z.object({ subject: z.string() }),
  run: async ({ subject }) => ({ subject }),
});
`;
}

/** `choose-facility` reads "Chooses facility": a first sentence to be improved by whoever knows what it does. */
function sentenceOf({ name }: Wish): string {
  const [verb = '', ...nouns] = name.split('-');
  const ending = /(s|x|z|ch|sh)$/.test(verb) ? 'es' : 's';
  return `${verb.charAt(0).toUpperCase()}${verb.slice(1)}${ending} ${nouns.join(' ')}`;
}

function testText(wish: Wish): string {
  const name = exportOf(wish);
  return `import { expect, it } from 'vitest';
import { catalog } from '../../../functions/catalog.ts';
import { ${name} } from '../../../functions/${wish.area}/${wish.name}.fn.ts';

it('${wish.name} is in the catalogue under its own name', () => {
  expect(Object.keys(catalog)).toContain(${name}.name);
});

it('${wish.name} refuses an input without a subject', () => {
  expect(${name}.input.safeParse({ subject: '' }).success).toBe(false);
  expect(${name}.input.safeParse({ subject: 'prod_stf_00102363-00000001' }).success).toBe(true);
});
`;
}

/** Writes the function, its test and its catalogue line; returns what was written. */
export async function makeFunction(folder: string, wish: Wish): Promise<readonly string[]> {
  const cataloguePath = 'functions/catalog.ts';
  const catalogue = await readFile(join(folder, cataloguePath), 'utf8');
  const reason = refusal(wish, catalogue, (path) => existsSync(join(folder, path)));
  if (reason !== undefined) throw new RangeError(reason);
  const files = [
    [fileOf(wish), functionText(wish)],
    [testOf(wish), testText(wish)],
    [cataloguePath, catalogueWith(wish, catalogue)],
  ] as const;
  for (const [path, text] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return files.map(([path]) => path);
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { plane: { type: 'string' } } });
  const [area = '', name = '', ...rest] = (positionals[0] ?? '').split('/');
  if (positionals.length !== 1 || rest.length > 0) {
    process.stderr.write('usage: npm run new:function -- <area>/<verb-noun> [--plane archive|work]\n');
    return 2;
  }
  const folder = fileURLToPath(new URL('..', import.meta.url));
  const written = await makeFunction(folder, { area, name, plane: values.plane ?? 'work' });
  spawnSync('biome', ['check', '--write', ...written], { cwd: folder, stdio: 'ignore' });
  for (const path of written) process.stdout.write(`${path}\n`);
  return 0;
}

if (import.meta.main) {
  process.exitCode = await main().catch((error: unknown) => {
    process.stderr.write(`new:function: ${error instanceof Error ? error.message : error}\n`);
    return 2;
  });
}
