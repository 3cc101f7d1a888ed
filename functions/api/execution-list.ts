import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import { jsonOf } from '#lib/model/json';
import { type ExecutionLine, ExecutionStatus } from '#schema/execution';
import { askEngine } from './ask-engine.ts';
import { arnOf, isoOf, orMissing, type Place, type Reading } from './execution-place.ts';

/** An execution as the engine lists it. */
export const Line = z.object({
  name: z.string(),
  status: ExecutionStatus,
  startDate: z.number(),
  stopDate: z.number().optional(),
  itemCount: z.number().optional(),
  redriveCount: z.number().optional(),
});

/** An execution of a place, in papilio's words. */
export const lineOf = (place: Place, line: z.infer<typeof Line>): ExecutionLine => {
  const { name, status, startDate, stopDate, itemCount, redriveCount } = line;
  return {
    id: `${place.machine}:${name}`,
    plane: place.plane,
    machine: place.machine,
    name,
    status,
    startedAt: isoOf(startDate),
    ...(stopDate !== undefined && { stoppedAt: isoOf(stopDate) }),
    ...(itemCount !== undefined && { itemCount }),
    ...(redriveCount ? { redriveCount } : {}),
  };
};

/** A list of an engine: the executions of a machine, or the children of a map run. */
export type Source = Place & { readonly mapRunArn?: string };

/** How many the engine is asked for; always the same, since a token goes with the question that it was given for. */
const pageSize = 100;

/** Where a source goes on: the token of a page, and how many of it were taken. */
const Mark = z.strictObject({ token: z.string().max(2000).optional(), taken: z.int().min(0).max(pageSize) });
type Mark = z.infer<typeof Mark>;
/** By source; one that is missing has no more. */
const Marks = z.record(z.string().max(200), Mark);

const Listed = z.object({ executions: z.array(Line), nextToken: z.string().optional() });
const none: z.infer<typeof Listed> = { executions: [] };

type Wanted = { readonly status: ExecutionStatus | undefined; readonly limit: number };
type Reader = Source & { mark: Mark; lines: ExecutionLine[]; nextToken: string | undefined };

const keyOf = ({ machine, mapRunArn = '' }: Source): string => mapRunArn.split(':').at(-1) || machine;

const read = async (source: Source, mark: Mark, wanted: Wanted, around: Reading): Promise<Reader> => {
  const input = {
    ...(source.mapRunArn === undefined
      ? { stateMachineArn: arnOf(source, 'stateMachine', around.config.PAPILIO_REGION) }
      : { mapRunArn: source.mapRunArn }),
    statusFilter: wanted.status,
    maxResults: pageSize,
    nextToken: mark.token,
  };
  const call = { plane: source.plane, operation: 'ListExecutions', input };
  const { executions, nextToken } = await askEngine(around, call, Listed).catch(orMissing(none));
  const lines = executions.slice(mark.taken).map((line) => lineOf(source, line));
  const reader = { ...source, mark, lines, nextToken };
  if (lines.length > 0 || nextToken === undefined) return reader;
  return read(source, { token: nextToken, taken: 0 }, wanted, around);
};

const readMarks = (from: string): z.infer<typeof Marks> => {
  const marks = Marks.safeParse(jsonOf(from));
  if (marks.success) return marks.data;
  throw new PapilioError('cursor-unknown', 'not one that this list gave');
};

/** The one that started last of those that come next; a source whose page is empty has no more. */
const latestOf = (readers: readonly Reader[]): Reader | undefined => {
  const startOf = ({ lines }: Reader): string => lines[0]?.startedAt ?? '';
  return readers.reduce<Reader | undefined>(
    (best, reader) => (startOf(reader) > (best ? startOf(best) : '') ? reader : best),
    undefined,
  );
};

/** The latest executions of several sources in one order; `next` is where each goes on. */
export const listExecutions = async (
  sources: readonly Source[],
  from: string,
  wanted: Wanted,
  around: Reading,
): Promise<{ items: ExecutionLine[]; next: string | undefined }> => {
  const marks = from === '' ? undefined : readMarks(from);
  const start = (source: Source): Mark | undefined => (marks ? marks[keyOf(source)] : { taken: 0 });
  const begun = sources.flatMap((source) => {
    const mark = start(source);
    // Only children of a Map wait for its redrive; AWS refuses to be asked for others.
    const isIdle = wanted.status === 'PENDING_REDRIVE' && source.mapRunArn === undefined;
    return mark === undefined || isIdle ? [] : [read(source, mark, wanted, around)];
  });
  let readers = await Promise.all(begun);
  const items: ExecutionLine[] = [];
  for (let reader = latestOf(readers); reader && items.length < wanted.limit; reader = latestOf(readers)) {
    items.push(...reader.lines.splice(0, 1));
    reader.mark = { ...reader.mark, taken: reader.mark.taken + 1 };
    if (reader.lines.length > 0 || reader.nextToken === undefined) continue;
    const before = reader;
    const after = await read(before, { token: before.nextToken, taken: 0 }, wanted, around);
    readers = readers.map((each) => (each === before ? after : each));
  }
  const left = readers.filter(({ lines }) => lines.length > 0).map((each) => [keyOf(each), each.mark]);
  return { items, next: left.length === 0 ? undefined : JSON.stringify(Object.fromEntries(left)) };
};
