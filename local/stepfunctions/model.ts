import type { MapRequest } from './distributed/map-request.ts';
import type { StateFailure } from './failure.ts';
import type { Identity } from './identity.ts';
import type { Json, JsonObject } from './json.ts';
import type { Meter } from './meter.ts';
import type { Random } from './random.ts';
import type { Request } from './request.ts';
import type { Answer, Stimulus } from './stimulus.ts';
import type { Waits } from './waits.ts';

/** The thread waits for a stimulus. */
export const WAITING = Symbol('waiting');
/** The thread has reached its end; its data is its output. */
export const END = Symbol('end');

/** The thread's state does its work again, without being entered again: it was redriven. */
export const AGAIN = Symbol('again');

/** Where a thread goes after a state has done what it can. */
export type Next = State | typeof WAITING | typeof END | typeof AGAIN;

/** A transition, filled in when all states of its scope are compiled. */
export type Link = { to: State | typeof END };

/** What Retry and Catch do with a failure: go somewhere, or nothing (`undefined`). */
export type Recover = (
  turn: Turn,
  thread: Thread,
  failure: StateFailure,
  /** The catcher to go on with, when its expressions have been answered. */
  catcher?: number,
) => Next | undefined;

/** A compiled state: the functions the interpreter calls, all pure but for the turn and thread they are given. */
export type State = {
  readonly name: string;
  /** The type as events name it: `Pass` in `PassStateEntered`. */
  readonly type: string;
  /** The scopes of its branches or of its item processor. */
  readonly scopes: readonly Scope[];
  /** Does the state's work; called again for every retry. */
  readonly enter: (turn: Turn, thread: Thread) => Next;
  /** Goes on with what a redrive has kept of the state's work; `undefined` if that is nothing. */
  readonly redrive?: ((turn: Turn, thread: Thread) => Next | undefined) | undefined;
  /** Takes the answer to what the thread waits for. */
  readonly resume: ((turn: Turn, thread: Thread, stimulus: Stimulus) => Next) | undefined;
  readonly recover: Recover | undefined;
  /** Takes a result on its way out again, when an expression on the way has been answered. */
  readonly exit?: ((turn: Turn, thread: Thread, result: Json) => Next) | undefined;
  /** Makes the input of an item that has waited for expressions. */
  readonly select?: ((turn: Turn, thread: Thread, child: Thread) => void) | undefined;
  /** Take the end of a branch or item. */
  readonly childEnded: ((turn: Turn, thread: Thread, child: Thread) => Next) | undefined;
  readonly childFailed: ((turn: Turn, thread: Thread, child: Thread, failure: StateFailure) => Next) | undefined;
  /** Of a Map whose items are executions of their own. */
  readonly distributed?: DistributedMap | undefined;
};

/** An item as ItemSelector sees it in the context. */
export type SelectedItem = Required<Pick<Thread, 'item' | 'itemKey' | 'itemSource' | 'index'>>;

/** What the children of a distributed Map run, and how their inputs are made. */
export type DistributedMap = {
  /** Names the state in ARNs; unique in its machine. */
  readonly label: string;
  readonly machine: Machine;
  /** Its children are of type EXPRESS: redriven, they begin anew. */
  readonly isExpress: boolean;
  /** Applies ItemSelector to an item; absent, the item stays as it is. */
  readonly select: ((turn: Turn, thread: Thread, item: SelectedItem, answers?: readonly Answer[]) => Json) | undefined;
};

/** The states that can reach each other: a machine's, a branch's or an item processor's. */
export type Scope = { readonly startAt: State; readonly states: ReadonlyMap<string, State> };

/** A compiled state machine. */
export type Machine = {
  readonly definition: string;
  readonly scope: Scope;
  readonly timeoutMs: number | undefined;
  /** Stands for the context object; only while a single state is tested. */
  readonly context?: JsonObject;
};

/** What a thread waits for. */
export type Pending = {
  /** The id of the event that began the wait: unique in the execution, the same in every replay. */
  readonly id: number;
  readonly reason: 'task' | 'wait' | 'retry' | 'evaluation';
  /** An effect whose result is not known yet: it is repeated after a restart. */
  request: Request | undefined;
  /** When the thread wakes if nothing comes before; `Infinity` for never. */
  dueAtMs: number;
  readonly timeoutAtMs: number;
  /** The effect was accepted; its result comes later, by token or by the end of a child execution. */
  isSubmitted: boolean;
  readonly heartbeatMs: number;
};

/** The children of a Parallel or Map state in hand. */
export type Group = {
  readonly active: Set<Thread>;
  /** Children that have failed: a redrive runs them again. */
  readonly failures: Thread[];
  /** Redriven children that wait for room, by index. */
  readonly waiting: Thread[];
  readonly results: (Json | undefined)[];
  /** Upper bound of the size of the results, in bytes. */
  boundBytes: number;
  started: number;
  ended: number;
  failed: number;
  /** The event that began the state's work, which those of its items follow. */
  readonly startedEventId: number;
  readonly items: readonly Json[];
  readonly maxConcurrency: number;
  readonly toleratedFailures: number;
};

/** A value on its way out of a state that waits for expressions; kept so that the way can be gone again. */
export type Leaving = {
  /** The way: `RESULT`, `SELECTION`, or a catcher's number. */
  readonly exit: number;
  readonly value: Json;
  readonly boundBytes: number;
};

/** The way of a state's result. */
export const RESULT = -1;
/** The way of a Map's item into its processor. */
export const SELECTION = -2;

/** A workflow variable. */
export type Variable = { readonly value: Json; readonly sizeBytes: number };

/** The map run of a distributed Map, so that a redrive can go on with it. */
export type BegunMapRun = {
  readonly request: MapRequest;
  /** Of MapStateStarted, which the run's events follow. */
  readonly startedEventId: number;
  readonly redriveCount: number;
};

/** Stands for the event that entered a state in a thread that has left one and not entered the next. */
export const BETWEEN = -1;

/** A line of control: the execution's own, a branch, or an item. While a state is at work, `data` is its raw input. */
export type Thread = {
  readonly parent: Thread | undefined;
  /** Which branch or item of the parent it is; 0 for the root. */
  readonly index: number;
  readonly scope: Scope;
  readonly item: Json | undefined;
  /** The item's name, if it is a field of an object: of a distributed Map's only. */
  readonly itemKey?: string | undefined;
  /** Where the item was read; absent, it comes from the state's input. */
  readonly itemSource?: string | undefined;
  state: State;
  data: Json;
  /** Upper bound of the size of `data`, in bytes of JSON text. */
  boundBytes: number;
  lastEventId: number;
  enteredEventId: number;
  enteredAtMs: number;
  /** Attempts made by each retrier of the state. */
  retries: number[] | undefined;
  pending: Pending | undefined;
  group: Group | undefined;
  /** The workflow variables of its own scope. */
  variables: ReadonlyMap<string, Variable> | undefined;
  /** What expressions of the step in hand have given so far. */
  answers: readonly Answer[] | undefined;
  leaving: Leaving | undefined;
  /** Of its state, if that is a distributed Map. */
  mapRun?: BegunMapRun | undefined;
  isOver: boolean;
};

/** How an execution ended. */
export type Outcome = {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  readonly output?: Json | undefined;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
};

/** How often an execution was redriven, and when it was last. */
export type Redrive = { readonly count: number; readonly atMs: number };

/** Where a thread goes next. */
export type Work = { readonly thread: Thread; readonly next: Next };

/** The whole state of an execution between two turns. */
export type Run = {
  readonly identity: Identity;
  readonly machine: Machine;
  readonly redrive?: Redrive | undefined;
  readonly root: Thread;
  /** Threads that wait, by the id of what they wait for. */
  readonly pending: Waits;
  readonly deadlineAtMs: number;
  eventCount: number;
  turnCount: number;
  /** Size of all workflow variables. */
  variableBytes: number;
  /** What a turn has left to the next one, because it had done enough. */
  rest?: readonly Work[] | undefined;
  outcome: Outcome | undefined;
};

/** What the engine must do after a turn. */
export type Command =
  | { readonly type: 'request'; readonly pending: number; readonly request: Request }
  | { readonly type: 'timer'; readonly pending: number; readonly atMs: number }
  /** There is a rest: the next turn need not wait for anything. */
  | { readonly type: 'goOn' }
  /** The wait is over: its timer is not wanted any more, nor, unless it `isAnswered`, its effect. */
  | { readonly type: 'cancel'; readonly pending: number; readonly isAnswered: boolean };

/** An event as AWS's history shows it, without id and time. */
export type EventBody = { readonly type: string; readonly [details: string]: unknown };

/** Takes events when somebody reads the history. */
export type Recorder = {
  /** False for an event that is not asked for: it is counted but not described. */
  readonly wants: (id: number) => boolean;
  readonly take: (event: EventBody, id: number, previousEventId: number, atMs: number) => void;
};

/** One turn of the interpreter: everything from a stimulus to the next wait, or as much as is done at once. */
export type Turn = {
  readonly run: Run;
  readonly atMs: number;
  /** Of the engine, for task tokens. */
  readonly secret: string;
  readonly recorder: Recorder | undefined;
  /** Describes the event counted last; absent unless it is wanted. */
  record: ((event: EventBody) => void) | undefined;
  readonly meter: Meter;
  readonly commands: Command[];
  readonly ready: Work[];
  /** Size bound of the value that a data flow produced last: a register, so that values travel without wrappers. */
  boundBytes: number;
  eventId: number;
  previousEventId: number;
  random: Random | undefined;
  input: Json | undefined;
  /** The variables that a state has set on its way out. */
  assigned: JsonObject | undefined;
};
