/** A state of a state machine's definition and role: created or updated then. */
export type Revision = { readonly id: string; readonly atMs: number };

/** What the executions of one revision of a state machine have in common; one object for all of them. */
export type Home = {
  readonly machineName: string;
  readonly machineArn: string;
  /** An execution's ARN but for its name. */
  readonly executionPrefix: string;
  readonly roleArn: string;
  readonly revision: Revision;
  readonly region: string;
};

/** What never changes about an execution. */
export type Identity = {
  /** Counts the executions of this engine; never used twice. */
  readonly serial: number;
  readonly name: string;
  readonly home: Home;
  readonly startedAtMs: number;
  readonly inputText: string;
};

/** An execution's ARN; made when asked for, since 100,000 of them would be mostly ARNs. */
export const arnOf = (identity: Identity): string => identity.home.executionPrefix + identity.name;
