import type { Batch, Submission } from '../../functions/lib/ports/batch.ts';

/** What a process of its own does with a facility before it is killed. */
export type Plan = {
  readonly folder: string;
  readonly slots: number;
  readonly submissions: readonly Submission[];
  readonly cancel: readonly string[];
  /** Where it ends by SIGKILL: at the n-th passing of a step. */
  readonly step: string;
  readonly passing: number;
};

/** A kind of facility as the batch suite needs it: on this machine or simulated, with payloads that are real processes. */
export type FacilityUnderTest = {
  /** Opens it on a folder of its own; opened again, it finds what an earlier one left. */
  readonly open: (folder: string, slots: number) => Promise<Batch>;
  /** The steps between which its process can be killed. */
  readonly steps: readonly string[];
  /** Follows a plan in a process of its own; true if it came to the step and was killed there. */
  readonly dieAt: (plan: Plan) => Promise<boolean>;
};
