/** What papilio runs by itself. */
export type TaskTemplate = {
  readonly program: string;
  /** What it reads. */
  readonly reads: 'stf' | 'run' | 'nothing';
  /** The file that it leaves. */
  readonly output: string;
  /** What its output is called; without it nothing of it is kept. */
  readonly outputName?: string;
};

/** Tasks by name. */
export const tasks: Readonly<Record<string, TaskTemplate>> = {
  'stf-hits': { program: 'hits.ts', reads: 'stf', output: 'out/hits.json', outputName: 'hits' },
  'run-merge': { program: 'merge.ts', reads: 'run', output: 'out/merged.json', outputName: 'merged' },
  /** Prepares a facility for a run: the payload of STFs, on one of its own making. */
  'warm-up': { program: 'warm.ts', reads: 'nothing', output: 'warm/out/hits.json' },
};
