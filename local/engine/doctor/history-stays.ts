import * as z from 'zod';

/** An event as GetExecutionHistory gives it; details stand under a name made from its type. */
export const HistoryEvent = z.looseObject({
  id: z.number(),
  previousEventId: z.number(),
  timestamp: z.number(),
  type: z.string(),
});
export type HistoryEvent = z.infer<typeof HistoryEvent>;

/** One try of a task, or a map run: from when it was scheduled to its result. */
export type Try = {
  /** The event that scheduled it, by which the try is known. */
  readonly id: number;
  readonly resource: string;
  readonly startedAtMs: number;
  endedAtMs: number | undefined;
  error: string | undefined;
};

/** A stay in a state, from its entry to its exit. */
export type Stay = {
  /** The event of the entry. */
  readonly id: number;
  readonly name: string;
  /** Such as `Task`. */
  readonly type: string;
  /** The state whose branch or item it is part of. */
  readonly parent: Stay | undefined;
  readonly startedAtMs: number;
  /** Undefined if it was never left: the execution failed in it, or runs. */
  endedAtMs: number | undefined;
  readonly tries: Try[];
};

type Place = { readonly stay: Stay | undefined; readonly task: Try | undefined };
type Details = Readonly<Record<string, unknown>>;

const isDetails = (value: unknown): value is Details => typeof value === 'object' && value !== null;

/** At most one field of an event holds details. */
const detailsOf = (event: HistoryEvent): Details => Object.values(event).find(isDetails) ?? {};

const textOf = (details: Details, field: string): string | undefined => {
  const value = details[field];
  return typeof value === 'string' ? value : undefined;
};

const resourceOf = (type: string, details: Details): string => {
  if (type.startsWith('MapRun')) return 'map run';
  const kind = textOf(details, 'resourceType');
  const resource = textOf(details, 'resource') ?? type;
  return kind === undefined ? resource : `${kind}:${resource}`;
};

/** States that were entered inside and never left, such as those of a branch that was given up, are over with it. */
const closest = (stay: Stay | undefined, name: string | undefined): Stay | undefined => {
  let found = stay;
  while (found && found.name !== name) found = found.parent;
  return found;
};

type Step = (place: Place, event: HistoryEvent, details: Details, stays: Stay[]) => Place;

const entered: Step = ({ stay: parent }, { id, type, timestamp }, details, stays) => {
  const stay: Stay = {
    id,
    name: textOf(details, 'name') ?? '',
    type: type.replace(/StateEntered$/, ''),
    parent,
    startedAtMs: timestamp * 1000,
    endedAtMs: undefined,
    tries: [],
  };
  stays.push(stay);
  return { stay, task: undefined };
};

const exited: Step = (place, { timestamp }, details) => {
  const stay = closest(place.stay, textOf(details, 'name'));
  if (stay) stay.endedAtMs = timestamp * 1000;
  return { stay: stay?.parent, task: undefined };
};

const scheduled: Step = ({ stay }, { id, type, timestamp }, details) => {
  const resource = resourceOf(type, details);
  const task: Try = { id, resource, startedAtMs: timestamp * 1000, endedAtMs: undefined, error: undefined };
  stay?.tries.push(task);
  return { stay, task };
};

const ended: Step = ({ stay, task }, { type, timestamp }, details) => {
  if (task) {
    task.endedAtMs = timestamp * 1000;
    if (!type.endsWith('Succeeded')) task.error = textOf(details, 'error') ?? type;
  }
  return { stay, task: undefined };
};

const steps: readonly (readonly [RegExp, Step])[] = [
  [/StateEntered$/, entered],
  [/StateExited$/, exited],
  [/Scheduled$|^MapRun(Started|Redriven)$/, scheduled],
  [/^(LambdaFunction|Task|Activity|MapRun)\w*(Succeeded|Failed|TimedOut|Aborted)$/, ended],
];

/** The stays in states that a history tells of, in order of their entries. Cost: linear. */
export const staysOf = (events: readonly HistoryEvent[]): readonly Stay[] => {
  const stays: Stay[] = [];
  const places = new Map<number, Place>();
  for (const event of events) {
    const before = places.get(event.previousEventId) ?? { stay: undefined, task: undefined };
    const step = steps.find(([pattern]) => pattern.test(event.type))?.[1];
    places.set(event.id, step ? step(before, event, detailsOf(event), stays) : before);
  }
  return stays;
};
