import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root, type Step, tool } from './shell.ts';

/** Actions of a workflow that are named by a tag or branch, which whoever owns them can move to other code. */
export const loosePins = (path: string, workflow: string): readonly string[] =>
  [...workflow.matchAll(/^[ \t]*(?:-[ \t]+)?uses:[ \t]*(\S+)/gm)].flatMap(([, action = '']) =>
    /^\.\/|@[0-9a-f]{40}$/.test(action) ? [] : [`${path}: ${action} is not pinned to a commit`],
  );

/** Workflows run the code that was looked at. */
export const actionsStep: Step = {
  name: 'actions',
  run: async () => {
    const { stdout } = await tool('git', [
      'ls-files',
      '--cached',
      '--others',
      '--exclude-standard',
      '.github/workflows',
    ]);
    const paths = stdout.split('\n').filter((path) => /\.ya?ml$/.test(path));
    if (paths.length === 0) return ['no workflow was looked at'];
    const found = await Promise.all(
      paths.map(async (path) => loosePins(path, await readFile(join(root, path), 'utf8'))),
    );
    return found.flat();
  },
};
