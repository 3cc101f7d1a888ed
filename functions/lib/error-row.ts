/** What a failure means for whoever meets it; the kind is the error's `name`, so a state machine matches on it. */
export type ErrorKind =
  | 'Invalid'
  | 'Denied'
  | 'Missing'
  | 'Conflict'
  | 'Transient'
  | 'SiteFault'
  | 'PayloadFault'
  | 'Bug';

/** What stands in the catalogue of one error. */
export type ErrorRow = {
  readonly kind: ErrorKind;
  /** What happened, in one sentence. */
  readonly message: string;
  /** What it mostly comes from. */
  readonly cause: string;
  /** What to look at to be sure: a command, a file, a header. */
  readonly evidence: string;
  /** What to do about it. */
  readonly todo: string;
};
