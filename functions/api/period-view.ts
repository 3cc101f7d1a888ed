import { PapilioError } from '#lib/errors';
import { nounIdFrom, readId } from '#lib/model/ids';
import { segmentOf } from '#lib/model/tf-index';
import { periodsAt, periodsOfRun, periodsWith } from '#lib/periods';
import { runs, stfs } from '#lib/records';
import { stfsOfTf } from '#lib/tf-places';
import type { Ids } from '#ports/ids';
import type { Store } from '#ports/store';
import { PeriodName, type RunPeriod } from '#schema/run-period';

type Reading = { readonly store: Store; readonly ids: Ids };

/** What periods are asked for; each that is given must hold. */
type Wanted = {
  readonly run?: number | undefined;
  readonly at?: string | undefined;
  readonly tf?: bigint | undefined;
  /** A name and its value. */
  readonly configuration?: readonly [string, string] | undefined;
};

/** A period's id out of its name or id. @throws input-invalid */
export const periodIdOf = (typed: string, instance: string): string => {
  const id = nounIdFrom(typed, 'period', instance) ?? nounIdFrom(`period_${typed}`, 'period', instance);
  if (id !== undefined && PeriodName.safeParse(readId(id)?.name).success) return id;
  throw new PapilioError(
    'input-invalid',
    `period: ${JSON.stringify(typed.slice(0, 100))} is not letters, digits and -`,
  );
};

/** The periods that hold all that is asked for, by name. */
export const findPeriods = async ({ run, at, tf, configuration }: Wanted, reading: Reading): Promise<RunPeriod[]> => {
  const found = await Promise.all([
    ...(run === undefined ? [] : [ofRun(run, reading)]),
    ...(at === undefined ? [] : [ofMoment(at, reading)]),
    ...(tf === undefined ? [] : [ofTf(tf, reading)]),
    ...(configuration === undefined ? [] : [periodsWith(...configuration, reading)]),
  ]);
  const [first = [], ...others] = found.map((periods) => new Map(periods.map((period) => [period.id, period])));
  return [...first.values()]
    .filter(({ id }) => others.every((other) => other.has(id)))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
};

/** Those of its number, and those of the time at which it began. */
const ofRun = async (run: number, reading: Reading): Promise<RunPeriod[]> => {
  const known = await runs.get(reading.store, reading.ids.run(run));
  return ofPlace(run, known?.doc.startedAt, reading);
};

/** Those of the time, and those of the runs that were being taken. */
const ofMoment = async (at: string, reading: Reading): Promise<RunPeriod[]> => {
  const begun = { newestFirst: true, limit: runsAtOnce, skEnd: `${microseconds(at)}~` };
  const { items } = await runs.list(reading.store, 'i2', 'runs-by-start', begun);
  const open = items.filter(({ doc }) => doc.endedAt === undefined || Date.parse(doc.endedAt) > Date.parse(at));
  const places = await Promise.all(open.map(({ doc }) => periodsOfRun(doc.run, reading)));
  return [...(await periodsAt(at, reading)), ...places.flat()];
};

/** Those of its run, and those of the time at which its STF began; as far as that is not known, its run did. */
const ofTf = async (tf: bigint, reading: Reading): Promise<RunPeriod[]> => {
  const { run } = segmentOf(tf);
  const { sequences } = await stfsOfTf(tf, reading);
  const [first] = sequences;
  const stf = first === undefined ? undefined : await stfs.get(reading.store, reading.ids.stf(run, first));
  return stf ? ofPlace(run, stf.doc.stampedAt, reading) : ofRun(run, reading);
};

const ofPlace = async (run: number, at: string | undefined, reading: Reading): Promise<RunPeriod[]> => [
  ...(await periodsOfRun(run, reading)),
  ...(at === undefined ? [] : await periodsAt(at, reading)),
];

/** Runs that may be under way at one moment. */
const runsAtOnce = 16;
/** A moment as the DAQ stamps it: `2026-01-01T00:00:00.000000Z`. */
const microseconds = (at: string): string => new Date(at).toISOString().replace('Z', '000');
