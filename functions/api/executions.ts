import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import { jsonOf } from '#lib/model/json';
import {
  type ExecutionEvent,
  type ExecutionHistory,
  type ExecutionLine,
  ExecutionStatus,
  type ExecutionView,
} from '#schema/execution';
import { accounts, machines, type Plane } from '../catalog.ts';
import { askEngine } from './ask-engine.ts';
import type { Surroundings } from './surroundings.ts';

type Reading = Pick<Surroundings, 'engines' | 'config' | 'feed' | 'clock'>;

/** Where an execution runs. */
export type Place = { readonly plane: Plane; readonly machine: string };

/** AWS's protocol tells moments in seconds since 1970. */
const isoOf = (atS: number): string => new Date(Math.round(atS * 1000)).toISOString();

/** The machines of papilio, those of a plane, or one. @throws record-missing */
export const placesOf = (plane: Plane | undefined, machine: string | undefined): readonly Place[] => {
  const all = Object.entries(machines).map(([name, at]): Place => ({ plane: at, machine: name }));
  const wanted = all.filter(
    (place) => (plane ?? place.plane) === place.plane && (machine ?? place.machine) === place.machine,
  );
  if (wanted.length > 0) return wanted;
  const where = plane === undefined ? 'papilio' : `the ${plane} plane`;
  throw new PapilioError('record-missing', `${machine ?? 'any'} is no state machine of ${where}`);
};

const arnOf = ({ plane, machine }: Place, kind: string, region: string, name = ''): string =>
  `arn:aws:states:${region}:${accounts[plane]}:${kind}:${machine}${name && `:${name}`}`;

const Line = z.object({
  name: z.string(),
  status: ExecutionStatus,
  startDate: z.number(),
  stopDate: z.number().optional(),
});

const lineOf = (place: Place, { name, status, startDate, stopDate }: z.infer<typeof Line>): ExecutionLine => ({
  id: `${place.machine}:${name}`,
  ...place,
  name,
  status,
  startedAt: isoOf(startDate),
  ...(stopDate !== undefined && { stoppedAt: isoOf(stopDate) }),
});

/** What is not there is no failure while it is looked for. */
const orMissing =
  <T>(instead: T) =>
  (thrown: unknown): T => {
    if (thrown instanceof PapilioError && thrown.kind === 'Missing') return instead;
    throw thrown;
  };

const Listed = z.object({ executions: z.array(Line), nextToken: z.string().optional() });
const none: z.infer<typeof Listed> = { executions: [] };
type Wanted = { readonly status: ExecutionStatus | undefined; readonly limit: number };

const linesOf = async (place: Place, from: number, { status, limit }: Wanted, around: Reading) => {
  const input = {
    stateMachineArn: arnOf(place, 'stateMachine', around.config.PAPILIO_REGION),
    statusFilter: status,
    maxResults: limit,
    nextToken: from === 0 ? undefined : String(from),
  };
  const call = { plane: place.plane, operation: 'ListExecutions', input };
  const { executions, nextToken } = await askEngine(around, call, Listed).catch(orMissing(none));
  return { lines: executions.map((each) => lineOf(place, each)), hasMore: nextToken !== undefined };
};

/** Where each machine's list goes on, as a cursor's text: `archive-stf=100,process-stf=40`. */
const readPlaces = (text: string): ReadonlyMap<string, number> =>
  new Map(text.split(',').map((part) => [part.split('=')[0] ?? '', Number(part.split('=')[1] ?? 0) || 0]));

/** The latest executions of several machines in one order; `next` is where each machine's list goes on. */
export const listExecutions = async (
  places: readonly Place[],
  from: string,
  wanted: Wanted,
  around: Reading,
): Promise<{ items: ExecutionLine[]; next: string | undefined }> => {
  const offsets = readPlaces(from);
  const lists = await Promise.all(
    places.map((place) => linesOf(place, offsets.get(place.machine) ?? 0, wanted, around)),
  );
  const merged = lists.flatMap(({ lines }) => lines).sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
  const items = merged.slice(0, wanted.limit);
  const isOver = merged.length === items.length && lists.every(({ hasMore }) => !hasMore);
  const taken = (machine: string): number => items.filter((item) => item.machine === machine).length;
  const next = places.map(({ machine }) => `${machine}=${(offsets.get(machine) ?? 0) + taken(machine)}`).join(',');
  return { items, next: isOver ? undefined : next };
};

const Described = Line.extend({
  input: z.string(),
  output: z.string().optional(),
  error: z.string().optional(),
  cause: z.string().optional(),
});

const describe = async (place: Place, name: string, around: Reading): Promise<ExecutionView> => {
  const executionArn = arnOf(place, 'execution', around.config.PAPILIO_REGION, name);
  const call = { plane: place.plane, operation: 'DescribeExecution', input: { executionArn } };
  const answer = await askEngine(around, call, Described);
  const { input, output, error, cause } = answer;
  return {
    ...lineOf({ plane: place.plane, machine: place.machine }, answer),
    input: jsonOf(input),
    ...(output !== undefined && { output: jsonOf(output) }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
  };
};

const describedIn = (place: Place, name: string, around: Reading): Promise<ExecutionView | undefined> =>
  describe(place, name, around).catch(orMissing(undefined));

/** `machine:name`, the end of an ARN, or a name alone; a name may lack its instance. */
const readTyped = (typed: string, instance: string): { machine: string | undefined; name: string } => {
  const parts = typed.split(':');
  const name = parts.at(-1) ?? '';
  const machine = parts.length > 1 ? parts.at(-2) : undefined;
  return { machine, name: name.startsWith('exec_') ? `${instance}_${name}` : name };
};

/** One execution out of what people type for it. @throws record-missing, input-invalid, plane-unavailable */
export const findExecution = async (typed: string, around: Reading): Promise<ExecutionView> => {
  const { machine, name } = readTyped(typed, around.config.PAPILIO_INSTANCE);
  const [only, ...others] = placesOf(undefined, machine);
  if (only && others.length === 0) return describe(only, name, around);
  const looked = await Promise.all(placesOf(undefined, machine).map((place) => describedIn(place, name, around)));
  const found = looked.flatMap((view) => view ?? []);
  const [first] = found;
  if (first === undefined) throw new PapilioError('record-missing', `no execution has the name ${name.slice(0, 100)}`);
  if (found.length > 1) {
    throw new PapilioError('input-invalid', `several have that name: ${found.map(({ id }) => id).join(', ')}`);
  }
  return first;
};

const Event = z.looseObject({
  id: z.number(),
  previousEventId: z.number(),
  timestamp: z.number(),
  type: z.string(),
});
const Events = z.object({ events: z.array(Event), nextToken: z.string().optional() });

/** The details of an event stand under a name made from its type; there is at most one. */
const eventOf = ({ id, previousEventId, timestamp, type, ...rest }: z.infer<typeof Event>): ExecutionEvent => {
  const [details] = Object.values(rest);
  return {
    id,
    previousId: previousEventId,
    at: isoOf(timestamp),
    type,
    details: typeof details === 'object' && details !== null ? { ...details } : {},
  };
};

type Part = { readonly after: number; readonly limit: number; readonly waitMs: number };

/** How soon a history that is waited for is looked at again, if nothing else happens. */
const lookAgainMs = 500;

/** The events after `after`; where there are none yet, it waits for them as long as the execution runs. */
export const historyOf = async (
  view: ExecutionView,
  { after, limit, waitMs }: Part,
  around: Reading,
): Promise<ExecutionHistory> => {
  const { config, clock, feed } = around;
  const executionArn = arnOf(view, 'execution', config.PAPILIO_REGION, view.name);
  const endMs = clock.nowMs() + waitMs;
  for (let { status } = view; ; { status } = await describe(view, view.name, around)) {
    const input = { executionArn, maxResults: limit, nextToken: after === 0 ? undefined : String(after) };
    const call = { plane: view.plane, operation: 'GetExecutionHistory', input };
    const { events, nextToken } = await askEngine(around, call, Events);
    const items = events.map(eventOf);
    const isDone = items.length > 0 || status !== 'RUNNING' || clock.nowMs() >= endMs;
    if (isDone) return { items, after: items.at(-1)?.id ?? after, hasMore: nextToken !== undefined, status };
    await feed.wait(feed.position(), Math.min(lookAgainMs, endMs - clock.nowMs()));
  }
};
