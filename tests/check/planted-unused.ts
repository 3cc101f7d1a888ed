import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root, type Step, tool, withFolder } from './shell.ts';

const planted: readonly (readonly [path: string, text: string])[] = [
  ['local/main.ts', `import { used } from '#lib/used';\n\nprocess.stdout.write(used);\n`],
  ['functions/lib/used.ts', `export const used = '1';\nexport const neverAskedFor = 2;\n`],
  ['functions/lib/forgotten.ts', 'export const nobody = 1;\n'],
];

/** What must be said of the planted tree: a file, an export and a package that nobody uses. */
const wanted = ['functions/lib/forgotten.ts', 'neverAskedFor', 'commander'];

async function provoke(): Promise<readonly string[]> {
  const files = new Map(planted);
  for (const file of ['package.json', 'tsconfig.json']) files.set(file, await readFile(join(root, file), 'utf8'));
  const { stdout, stderr, code } = await withFolder(files, (folder) =>
    tool('knip', ['--no-progress', '--no-config-hints'], folder),
  );
  const said = stdout.split('\n');
  if (code === 0) return ['nothing was caught'];
  return [
    ...wanted
      .filter((word) => !stdout.includes(word))
      .map((word) => `planted and not caught: ${word}; knip said: ${stdout}${stderr}`),
    ...said.filter((line) => /functions\/lib\/used\.ts\s*$/.test(line)).map(() => 'a used file was called unused'),
  ];
}

/** What nobody uses is known to be found. */
export const unusedStep: Step = { name: 'unused planted', run: provoke };
