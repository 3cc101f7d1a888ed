/** Makes every id of papilio, in the form `<instance>_<noun>_<name>` (`lib/model/ids.ts` says how and reads them). */
export type Ids = {
  readonly instance: string;
  readonly wing: string;
  readonly epoch: number;
  readonly run: (runNumber: number) => string;
  readonly stf: (runNumber: number, sequence: number) => string;
  readonly message: (contentHash: string) => string;
  readonly output: (name: string) => string;
  readonly exec: (name: string) => string;
  readonly job: (name: string) => string;
  readonly attempt: (jobId: string, attempt: number) => string;
  /** The job that an attempt is a try of. */
  readonly jobOf: (attemptId: string) => string;
  /** The bundle of one that carries an attempt. */
  readonly bundleOf: (attemptId: string) => string;
  /** Any other noun: `prod_quarantine_…`. */
  readonly of: (noun: string, name: string) => string;
};
