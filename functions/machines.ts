import type { Plane } from './catalog.ts';

/** Which plane runs `statemachines/<name>.asl.json`. */
export const machines = {
  'archive-stf': 'archive',
  'process-stf': 'work',
  'run-job': 'work',
  'merge-run': 'work',
  'prepare-run': 'work',
} as const satisfies Record<string, Plane>;

export type MachineName = keyof typeof machines;
