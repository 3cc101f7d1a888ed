import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { root, type Step, tool } from './shell.ts';

/** Links of a page that lead to a file: not to the web, not within the page. */
export function linkedFiles(markdown: string): readonly string[] {
  return [...markdown.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)].flatMap((match) => match[1] ?? []);
}

/** Paths that table rows name in backticks; a row that says "not there yet" may name what is to come. */
export function namedPaths(markdown: string): readonly string[] {
  const rows = markdown.split('\n').filter((line) => line.startsWith('|') && !line.includes('not there yet'));
  const words = rows.flatMap((row) => [...row.matchAll(/`([^`]+)`/g)].flatMap((match) => match[1] ?? []));
  return words.filter((word) => /^(functions|statemachines|local|clients|stacks|tests|docs)\/[\w./-]+$/.test(word));
}

/** State machines that have no row in their table. */
async function machinesWithoutRow(): Promise<readonly string[]> {
  const files = await readdir(join(root, 'statemachines'));
  const table = await readFile(join(root, 'statemachines/README.md'), 'utf8');
  return files
    .filter((file) => file.endsWith('.asl.json') && !table.includes(`| \`${file.replace('.asl.json', '')}\` |`))
    .map((file) => `statemachines/README.md has no row for ${file}`);
}

async function papers(): Promise<readonly string[]> {
  const { stdout } = await tool('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md']);
  const pages = stdout.split('\n').filter((path) => path !== '' && existsSync(join(root, path)));
  if (pages.length === 0) return ['no page was looked at'];
  const found = await Promise.all(
    pages.map(async (page) => {
      const text = await readFile(join(root, page), 'utf8');
      const links = linkedFiles(text).filter((path) => !existsSync(join(root, dirname(page), path)));
      const paths = namedPaths(text).filter((path) => !existsSync(join(root, path)));
      return [...links, ...paths].map((path) => `${page} leads to ${path}, which is not there`);
    }),
  );
  return [...found.flat(), ...(await machinesWithoutRow())];
}

/** Every link and every path that a page names leads somewhere. */
export const papersStep: Step = { name: 'papers', run: papers };
