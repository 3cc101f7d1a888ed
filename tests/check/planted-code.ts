import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { root, type Step, tool, withFolder } from './shell.ts';

const repeat = (line: string, count: number): string => `${line}\n`.repeat(count);

/** One violation of every rule that `.biome.json` sets, in a file of its own. */
const lintPlanted: Readonly<Record<string, readonly [file: string, text: string]>> = {
  noBarrelFile: ['functions/jobs/index.ts', `export { rank } from './rank.ts';`],
  noConsole: ['functions/jobs/say.ts', `console.log('said');`],
  noDefaultExport: ['functions/jobs/default.ts', 'export default 1;'],
  noEnum: ['functions/jobs/enum.ts', `export enum State {\n  Done = 'done',\n}`],
  noExcessiveCognitiveComplexity: [
    'functions/jobs/knot.ts',
    `export const knot = (n: number): void => {\n${repeat('for (;;) { if (n > 1) {', 4)}${repeat('} }', 4)}};`,
  ],
  noExcessiveLinesPerFile: ['functions/jobs/long-file.ts', repeat('export {};', 301)],
  noExcessiveLinesPerFunction: [
    'functions/jobs/long-function.ts',
    `export function long(n: number): void {\n${repeat('  n.toString();', 61)}}`,
  ],
  noExplicitAny: ['functions/jobs/loose.ts', 'export const loose = (value: any): any => value;'],
  noFloatingPromises: ['functions/jobs/floating.ts', 'async function late(): Promise<void> {}\nlate();'],
  noFocusedTests: ['tests/unit/focused.test.ts', `import { it } from 'vitest';\nit.only('runs alone', () => {});`],
  noMisusedPromises: [
    'functions/jobs/misused.ts',
    'async function late(): Promise<boolean> {\n  return true;\n}\nexport const wrong = (): number => {\n  if (late()) return 1;\n  return 2;\n};',
  ],
  noNamespace: ['functions/jobs/space.ts', 'export namespace Space {\n  export type One = 1;\n}'],
  noNonNullAssertion: ['functions/jobs/sure.ts', 'export const sure = (a?: { b: 1 }): 1 => a!.b;'],
  noParameterProperties: ['functions/jobs/property.ts', 'export class Held {\n  constructor(readonly one: 1) {}\n}'],
  noProcessEnv: ['functions/jobs/env.ts', 'export const home = process.env.HOME;'],
  noReExportAll: ['functions/jobs/again.ts', `export * from './rank.ts';`],
  noRestrictedImports: ['functions/jobs/named.ts', `import { z } from 'zod';\nexport const one = z.string();`],
  noSkippedTests: ['tests/unit/skipped.test.ts', `import { it } from 'vitest';\nit.skip('never runs', () => {});`],
  noUndeclaredDependencies: ['functions/jobs/guest.ts', `import 'left-pad';`],
  noUnsafeTypeAssertion: ['functions/jobs/cast.ts', 'export const cast = (value: unknown): string => value as string;'],
  noUnusedImports: ['functions/jobs/idle-import.ts', `import { rank } from './rank.ts';`],
  noUnusedVariables: ['functions/jobs/idle.ts', 'const idle = 1;'],
  useFilenamingConvention: ['functions/jobs/CamelCase.ts', 'export const one = 1;'],
  useImportExtensions: ['functions/jobs/bare.ts', `import './rank';`],
  useImportType: [
    'functions/jobs/typed.ts',
    `import { Rank } from './rank.ts';\nexport const typed = (rank: Rank): Rank => rank;`,
  ],
  useNodejsImportProtocol: [
    'functions/jobs/builtin.ts',
    `import { join } from 'path';\nexport const at = join('a', 'b');`,
  ],
  useThrowOnlyError: ['functions/jobs/thrown.ts', `export const fail = (): never => {\n  throw 'no';\n};`],
};

/** What must stay allowed beside them. */
const lintInnocent: ReadonlyMap<string, string> = new Map([
  ['functions/jobs/rank.ts', `export type Rank = number;\nexport const rank = ['a'] as const;\n`],
  ['functions/lib/config.ts', 'export const home = process.env.HOME;\n'],
  ['tests/vitest.config.ts', 'export default { root: process.env.HOME };\n'],
]);

/** One violation of every strict option of `tsconfig.json`, with the number of the error it must give. */
const typesPlanted: readonly (readonly [file: string, error: string, text: string])[] = [
  ['functions/jobs/strict.ts', 'TS2322', 'export const text: string = null;'],
  ['functions/jobs/index-access.ts', 'TS2322', 'export const first = (all: string[]): string => all[0];'],
  ['functions/jobs/optional.ts', 'TS2375', 'export const a: { b?: 1 } = { b: undefined };'],
  ['functions/jobs/erasable.ts', 'TS1294', 'export enum State {\n  Done,\n}'],
  [
    'functions/jobs/override.ts',
    'TS4114',
    'class A {\n  a(): void {}\n}\nexport class B extends A {\n  a(): void {}\n}',
  ],
  ['functions/jobs/returns.ts', 'TS7030', 'export function one(n: number) {\n  if (n > 1) return 1;\n}'],
  ['functions/jobs/verbatim.ts', 'TS1484', `import { A } from './rank.ts';\nexport type B = A;`],
  ['functions/jobs/alias.ts', 'TS2307', `import '#schema/nothing';\nexport * from '#schema/nothing';`],
];

const Config = z.object({ linter: z.object({ rules: z.record(z.string(), z.unknown()) }) });
const Rules = z.record(z.string(), z.unknown());
const Report = z.object({
  diagnostics: z.array(z.object({ category: z.string().nullish(), severity: z.string(), location: z.unknown() })),
});

async function copies(...paths: readonly string[]): Promise<Map<string, string>> {
  return new Map(
    await Promise.all(paths.map(async (path) => [path, await readFile(join(root, path), 'utf8')] as const)),
  );
}

/** The rules that `.biome.json` names, whatever their group. */
function rulesIn(text: string): readonly string[] {
  const groups = Object.values(Config.parse(JSON.parse(text)).linter.rules);
  return groups.flatMap((group) => (typeof group === 'object' ? Object.keys(Rules.parse(group)) : []));
}

async function provokeLint(): Promise<readonly string[]> {
  const files = await copies('.biome.json', 'package.json');
  const named = rulesIn(files.get('.biome.json') ?? '');
  for (const [file, text] of [...lintInnocent, ...Object.values(lintPlanted)]) files.set(file, `${text.trimEnd()}\n`);
  const args = ['lint', '--reporter=json', '--max-diagnostics=none', '.'];
  const { stdout, stderr } = await withFolder(files, (folder) => tool('biome', args, folder));
  if (!stdout.startsWith('{')) return [`biome said: ${stdout}${stderr}`];
  const errors = Report.parse(JSON.parse(stdout)).diagnostics.filter(({ severity }) => severity === 'error');
  const caught = new Set(
    errors.map(({ category, location }) => `${category?.split('/').at(-1)} ${JSON.stringify(location)}`),
  );
  const isCaught = (rule: string, file: string): boolean =>
    [...caught].some((one) => one.startsWith(`${rule} `) && one.includes(`"${file}"`));
  return [
    ...named.filter((rule) => lintPlanted[rule] === undefined).map((rule) => `no violation is planted for: ${rule}`),
    ...Object.entries(lintPlanted)
      .filter(([rule, [file]]) => !isCaught(rule, file))
      .map(([rule, [file]]) => `planted and not caught: ${rule} in ${file}`),
    ...[...lintInnocent.keys()]
      .filter((file) => [...caught].some((one) => one.includes(`"${file}"`)))
      .map((file) => `allowed code was refused in ${file}`),
  ];
}

async function provokeTypes(): Promise<readonly string[]> {
  const files = await copies('tsconfig.json', 'package.json');
  files.set('functions/jobs/rank.ts', 'export type A = 1;\n');
  for (const [file, , text] of typesPlanted) files.set(file, `${text}\n`);
  const args = [
    '--noEmit',
    '--incremental',
    'false',
    '--tsBuildInfoFile',
    'null',
    '-p',
    'tsconfig.json',
    '--pretty',
    'false',
  ];
  const { stdout } = await withFolder(files, (folder) => tool('tsc', args, folder));
  return typesPlanted
    .filter(
      ([file, error]) => !stdout.split('\n').some((line) => line.startsWith(`${file}(`) && line.includes(` ${error}:`)),
    )
    .map(([file, error]) => `planted and not caught: ${error} in ${file}`);
}

/** Lint rules and compiler options: each is known to bite. */
export const codeSteps: readonly Step[] = [
  { name: 'lint planted', run: provokeLint },
  { name: 'types planted', run: provokeTypes },
];
