import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import { jsonOf } from '#lib/model/json';
import type { ExecutionEvent, ExecutionHistory, ExecutionView } from '#schema/execution';
import { askEngine } from './ask-engine.ts';
import { Line, lineOf } from './execution-list.ts';
import { arnOf, childPlace, isoOf, orMissing, type Place, placesOf, type Reading } from './execution-place.ts';
import { parentOf } from './map-runs.ts';

const Described = Line.extend({
  input: z.string().default('{}'),
  output: z.string().optional(),
  error: z.string().optional(),
  cause: z.string().optional(),
  mapRunArn: z.string().optional(),
  redriveStatus: z.string().optional(),
  redriveStatusReason: z.string().optional(),
  redriveDate: z.number().optional(),
});

const redriveOf = (answer: z.infer<typeof Described>): ExecutionView['redrive'] => ({
  isPossible: answer.redriveStatus === 'REDRIVABLE',
  ...(answer.redriveStatusReason !== undefined && { reason: answer.redriveStatusReason }),
  ...(answer.redriveDate !== undefined && { lastAt: isoOf(answer.redriveDate) }),
});

const describe = async (place: Place, name: string, around: Reading): Promise<ExecutionView> => {
  const executionArn = arnOf(place, 'execution', around.config.PAPILIO_REGION, name);
  const call = { plane: place.plane, operation: 'DescribeExecution', input: { executionArn } };
  const answer = await askEngine(around, call, Described);
  const { input, output, error, cause, mapRunArn } = answer;
  const parent = mapRunArn && (await parentOf(place, mapRunArn, around));
  return {
    ...lineOf({ plane: place.plane, machine: place.machine }, answer),
    input: jsonOf(input),
    ...(output !== undefined && { output: jsonOf(output) }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
    ...(answer.redriveStatus !== undefined && { redrive: redriveOf(answer) }),
    ...(parent && { parent }),
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
  const child = machine?.includes('/') && childPlace(machine);
  if (child) return describe(child, name, around);
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
