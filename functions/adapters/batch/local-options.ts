import type { Clock } from '#ports/clock';
import type { AfterStep } from './local-folder.ts';
import type { KeepDays } from './local-keeper.ts';

/** Where a local facility lives and what it may use. */
export type LocalBatchOptions = {
  /** Holds the attempts; it is the facility's whole memory. */
  readonly folder: string;
  /** Attempts that run side by side. */
  readonly slots: number;
  readonly clock: Clock;
  /** The Node that payloads find first on their PATH; by default the one that runs papilio. */
  readonly node?: string;
  /** A POSIX shell that wraps each payload. */
  readonly shell?: string;
  /** Days that records and logs of released attempts are kept. */
  readonly keepDays?: KeepDays;
  readonly onWarn?: (reason: string) => void;
  /** Called between any two steps that a kill could separate. */
  readonly afterStep?: AfterStep;
};

/** Days that records and logs are kept where nothing else is set. */
export const defaultKeepDays: KeepDays = { succeeded: 7, failed: 30 };
