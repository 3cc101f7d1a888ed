import type { Definition } from '../definition.ts';
import type { Json } from '../json.ts';
import type { Thread, Turn } from '../model.ts';
import type { Request } from '../request.ts';

/** A kind of work that a Task state can have done, compiled for one state. */
export type Integration = {
  /** Plain function ARNs and activities have events of their own; all others are `Task…` events naming type and resource. */
  readonly events: { readonly resourceType: string; readonly resource: string } | 'LambdaFunction' | 'Activity';
  /** What ends the task: the effect's own result, an answer by token, of a worker that takes it, or the end of a child execution. */
  readonly completion: 'result' | 'token' | 'worker' | 'child';
  /** What has to be there before anything is scheduled. */
  readonly needs?: Request;
  readonly request: (turn: Turn, thread: Thread, payload: Json) => Request;
  /** The task's result (or what is shown as submitted) from the effect's, and from what came around that. */
  readonly result: (turn: Turn, thread: Thread, output: Json, envelope?: Json) => Json;
};

/** Compiles what a matching Resource text asks for. */
export type IntegrationType = {
  readonly pattern: RegExp;
  readonly compile: (definition: Definition, match: RegExpExecArray) => Integration;
};
