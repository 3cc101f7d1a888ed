/** Where a record lies in the journal; ordered by segment, then offset. */
export type Position = { readonly segment: number; readonly offsetBytes: number };

/** What a journal gives to the parts of an engine. */
export type Journal = {
  /**
   * Serialises `record` at once and puts it behind all earlier ones. `synced` is shared by all records of one group
   * commit; it resolves when the record is on the medium and rejects if the journal cannot write any more.
   */
  readonly append: (part: PartName, record: unknown) => { readonly at: Position; readonly synced: Promise<void> };
  /** Resolves when everything appended so far is on the medium. */
  readonly synced: () => Promise<void>;
  /** Reads one record back, checked by its checksum. */
  readonly read: (at: Position) => Promise<unknown>;
  /** Whether the record waits for a disk that cannot be written: what follows from it must not be told. */
  readonly isHeld: (at: Position | undefined) => boolean;
};

export type PartName = 'sqs' | 'sfn';

/**
 * One service whose state is a fold over its records in the journal.
 *
 * Live, a part appends a record and applies it to its memory in the same turn of the loop, then waits for `synced` before
 * it answers or has any effect. After a crash the same records are applied again, in the same order, without effects;
 * then `resume` starts timers and work in hand. `items` and `restore` are the snapshot; a compactor in a worker thread
 * folds old segments with the same code, so `restore`, `apply` and `items` must not touch anything but the part's memory.
 */
export type Part = {
  readonly name: PartName;
  readonly restore: (item: unknown) => void;
  readonly apply: (record: unknown, at: Position) => void;
  readonly items: () => Iterable<unknown>;
  readonly resume: () => void;
  readonly close: () => void;
  /**
   * AWS operations by name (`SendMessage`): input and output are the JSON bodies of the AWS JSON protocol. `signal` says
   * that the caller has gone, so that a long poll does not take a message nobody reads.
   */
  readonly operations: Readonly<Record<string, (input: unknown, signal?: AbortSignal) => Promise<object>>>;
};

/** An error that goes over the wire as AWS sends it. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  /** What the exception has beside its message, such as `reason`. */
  readonly details: Readonly<Record<string, string>>;
  constructor(code: string, message: string, status = 400, details: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
    this.details = details;
  }
}

/** Runs a function for a Task state: the Lambda Invoke contract, without the wire. */
export type InvokeFunction = (request: {
  readonly functionName: string;
  readonly payload: unknown;
  /** Identifies this try of this state of this execution; the same after a restart that repeats it. */
  readonly invocationId: string;
  readonly signal: AbortSignal;
  /** The W3C's trace context of this try. */
  readonly traceparent?: string | undefined;
  /** A version or alias of the function. */
  readonly qualifier?: string | undefined;
  /** `Event` asks for no result, `DryRun` for no run; without it the result is waited for. */
  readonly invocationType?: InvocationType | undefined;
  /** What the function finds in its context, in base64. */
  readonly clientContext?: string | undefined;
  /** Whether the last lines of the log are asked for. */
  readonly logType?: 'None' | 'Tail' | undefined;
}) => Promise<InvocationAnswer>;

/** How a function is run. */
export type InvocationType = 'RequestResponse' | 'Event' | 'DryRun';

/** How a run of a function ended. */
export type InvocationAnswer =
  | {
      readonly ok: true;
      readonly payload: unknown;
      readonly executedVersion?: string | undefined;
      readonly logResult?: string | undefined;
    }
  /** As Lambda reports it: errorType becomes the error's name in the state machine. */
  | {
      readonly ok: false;
      readonly errorType: string;
      readonly errorMessage: string;
      readonly trace?: readonly string[];
      /** The cause as the state machine is told it, where it is not made of the other fields. */
      readonly cause?: string | undefined;
    };
