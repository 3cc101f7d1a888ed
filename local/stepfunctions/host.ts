import type { Clock } from '#ports/clock';
import type { InvokeFunction, Journal } from '../engine/part.ts';
import type { ActivityDesk } from './activities/desk.ts';
import type { MapRun } from './distributed/map-run.ts';
import type { Objects } from './distributed/objects.ts';
import type { Json, JsonObject } from './json.ts';
import type { Evaluator } from './jsonata/evaluator.ts';
import type { Target } from './machines/target.ts';
import type { Outcome, Turn } from './model.ts';
import type { Parent, PlainRecord, RedrivenRecord } from './records.ts';
import type { Execution, Registry } from './registry.ts';
import type { Stimulus } from './stimulus.ts';

/** Sends a message to a queue: input and output as SQS's SendMessage has them. */
export type SendMessage = (input: { readonly [field: string]: Json }) => Promise<object>;

/** How an action of a service ended. */
export type ServiceAnswer =
  | { readonly ok: true; readonly output: Json }
  | {
      readonly ok: false;
      /** The service's own name of it, `ConditionalCheckFailedException`; one with a dot is what Retry and Catch know it by. */
      readonly error: string;
      readonly cause: string;
      /** False if the service's API model does not have it. */
      readonly isModelled?: boolean;
      /** The answer that it was; absent where there was none. */
      readonly http?: { readonly status: number; readonly requestId: string; readonly extendedRequestId?: string };
    };

/** Has an action of a service done for a Task state. */
export type CallService = (request: {
  readonly service: string;
  readonly action: string;
  readonly input: Json;
  /** Identifies this try of this state of this execution; the same after a restart that repeats it. */
  readonly invocationId: string;
  readonly signal: AbortSignal;
  /** The W3C's trace context of this try. */
  readonly traceparent?: string | undefined;
  /** Asked for by `aws-sdk:`, which has AWS's Java SDK's names of what is in an answer. */
  readonly isSdk?: boolean | undefined;
  /** Wants to see what an HTTP task sends and gets. */
  readonly trace?: HttpTrace | undefined;
}) => Promise<ServiceAnswer>;

/** Is shown what an HTTP task sends and gets, with or without what its connection adds. */
export type HttpTrace = {
  readonly areSecretsShown: boolean;
  readonly tell: (stage: 'request' | 'response', value: JsonObject) => void;
};

/** What the engine gives to this part. */
export type LiveContext = {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly invoke: InvokeFunction;
  readonly sendMessage: SendMessage;
  readonly callService: CallService;
  /** Is told of each turn as it happens, not of those that a recovery reads; must be quick. */
  readonly observe?: ((execution: Execution, turn: Turn) => void) | undefined;
  /** Whether requests carry a `traceparent`. */
  readonly isTraced?: boolean;
  /** Where distributed Maps read items and write results; absent where there is no such place. */
  readonly objects?: Objects | undefined;
};

/** A start or turn as it happens: what it did, and when it is durable. */
export type Started = { readonly execution: Execution; readonly synced: Promise<void> };

/** An execution of an express machine, and how it ends. */
export type StartedSync = { readonly execution: Execution; readonly ended: Promise<Outcome> };

/** An execution about to start; `parsed` is the value of `input`. */
export type NewExecution = {
  readonly name: string;
  readonly input: string;
  readonly parsed: Json;
  readonly parent?: Parent | undefined;
  readonly traceHeader?: string | undefined;
};

/** What operations and effects can ask of the engine. */
export type Host = {
  readonly registry: Registry;
  readonly context: LiveContext;
  readonly activities: ActivityDesk;
  /** Appends a record that concerns no execution, and applies it. */
  readonly write: (record: PlainRecord) => Promise<void>;
  /** Starts an execution of a machine, or of a version of it. */
  readonly start: (target: Target, start: NewExecution) => Started;
  /** Starts an execution of an express machine for a caller who waits for its end. */
  readonly startSync: (target: Target, start: NewExecution) => StartedSync;
  /** Starts a child of a map run on its next items; `parsed` is the value of `input`. */
  readonly startChild: (
    run: MapRun,
    child: { name: string; input: string; parsed: Json; itemCount: number },
  ) => Started;
  /** Lets an execution that has ended go on. Throws if the journal takes no records. */
  readonly redrive: (execution: Execution, record: RedrivenRecord) => Promise<void>;
  /** Plays one stimulus; `undefined` if the execution has ended. Throws if the journal takes no records. */
  readonly play: (execution: Execution, stimulus: Stimulus) => Promise<void> | undefined;
  /** Evaluates expressions where they can be ended. */
  readonly evaluate: Evaluator['evaluate'];
  /** Plays a stimulus of the engine's own, which nobody repeats: one that the journal refuses is kept for later. */
  readonly deliver: (serial: number, stimulus: Stimulus) => void;
};
