import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { areas } from '../../local/new-function.ts';
import { root, type Step, tool } from './shell.ts';

/** Names that say nothing: whoever wants one has not found the noun. */
const vague = /(^|[/-])(utils?|commons?|helpers?|misc|managers?|services?)([./-]|$)/;

const topLevel = new Set([
  ...['package.json', 'package-lock.json', 'tsconfig.json', 'sst.config.ts', 'functions', 'stacks', 'statemachines'],
  ...['local', 'clients', 'tests', 'docs', 'README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'LICENSE', 'SECURITY.md'],
]);

type Rule = (path: string) => string | undefined;

const pathRules: readonly Rule[] = [
  (path) =>
    /^(\.|README)/.test(path) || topLevel.has(path.split('/')[0] ?? '') ? undefined : 'has no place at the top level',
  (path) => (vague.test(path) ? 'has a name that says nothing: find the noun' : undefined),
  (path) => {
    const area = /^functions\/([^/]+)\//.exec(path)?.[1];
    return area === undefined || ['api', 'adapters', 'lib'].includes(area) || areas.has(area)
      ? undefined
      : 'is in no known area';
  },
];

/** Problems of one file's text; what is looked for is put together here, so that this file does not find itself. */
function textProblems(path: string, text: string): readonly string[] {
  const problems = [...text.matchAll(new RegExp(`\\b(?:${'TO'}DO|${'FIX'}ME)\\b(?! ?\\(?#\\d)`, 'g'))].map(
    ({ index }) => `${path}:${text.slice(0, index).split('\n').length} has work left to do without an issue number`,
  );
  if (/^functions\/.*\.fn\.ts$/.test(path) && !/define((Batch)?Function|Commands)\(/.test(text))
    problems.push(`${path} defines no function`);
  return problems;
}

/** Whether every file has its place and its name, and says what has to be said. */
async function house(): Promise<readonly string[]> {
  const { stdout } = await tool('git', ['ls-files', '--cached', '--others', '--exclude-standard']);
  const paths = stdout.split('\n').filter((path) => path !== '');
  if (paths.length === 0) return ['no file was looked at'];
  const code = paths.filter((path) => /\.(ts|mjs|cjs)$/.test(path));
  const texts = await Promise.all(code.map(async (path) => [path, await textOf(path)] as const));
  return [
    ...paths.flatMap((path) =>
      pathRules.map((rule) => rule(path)).flatMap((reason) => (reason ? [`${path} ${reason}`] : [])),
    ),
    ...texts.flatMap(([path, text]) => textProblems(path, text)),
  ];
}

/** A file that is in the index and was just deleted has no text. */
async function textOf(path: string): Promise<string> {
  return readFile(join(root, path), 'utf8').catch(() => '');
}

/** Where files live and how they are named. */
export const houseStep: Step = { name: 'house', run: house };
