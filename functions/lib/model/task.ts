/** What papilio runs by itself: the program of a task, the file it leaves, and what its output is called. */
export type TaskTemplate = { readonly program: string; readonly output: string; readonly outputName: string };

/** Tasks by name. */
export const tasks: Readonly<Record<string, TaskTemplate>> = {
  'stf-hits': { program: 'hits.ts', output: 'out/hits.json', outputName: 'hits' },
  'run-merge': { program: 'merge.ts', output: 'out/merged.json', outputName: 'merged' },
};
