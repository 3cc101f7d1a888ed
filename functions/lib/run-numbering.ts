import { change, commit, untilNoConflict } from './change.ts';
import type { Config } from './config.ts';
import type { Deps } from './deps.ts';
import { runKey } from './model/ids.ts';
import { isSameNumbering, numberingView, type Statement, withStatements } from './model/numbering.ts';
import { knownBxPerTf, numberings } from './records.ts';
import type { NumberingView, StatedNumbering } from './schema/numbering.ts';
import type { Numbering } from './schema/stf.ts';

type Reading = {
  readonly ids: Pick<Deps['ids'], 'of'>;
  readonly store: Deps['store'];
  readonly config: Pick<Config, 'PAPILIO_TFS_PER_STF' | 'PAPILIO_BX_PER_TF'>;
};
type InRun = { readonly runId: string; readonly run: number };

/** Values of BXs a TF that the one record of them has room for. */
const valuesMax = 1000;
/** Differing numberings that an event names; the record has all. */
const differingShown = 5;

const numberingId = (run: number, { ids }: Pick<Reading, 'ids'>): string => ids.of('numbering', runKey(run));
const valuesId = ({ ids }: Pick<Reading, 'ids'>): string => ids.of('numbering', 'bx-per-tf');

/** The numbering that the settings give: of runs of which no file was read. */
export const settingsNumbering = ({ config }: Pick<Reading, 'config'>): Numbering => ({
  tfsPerStf: config.PAPILIO_TFS_PER_STF,
  bxPerTf: config.PAPILIO_BX_PER_TF,
});

/** The numbering of a run. */
export const readNumbering = async (run: number, reading: Reading): Promise<NumberingView> => {
  const stored = await numberings.get(reading.store, numberingId(run, reading));
  return numberingView(stored?.doc.stated, settingsNumbering(reading));
};

/** Every value of BXs a TF under which a BX may be found: few, since a detector has one. */
export const readBxPerTfs = async (reading: Reading): Promise<readonly number[]> => {
  const stored = await knownBxPerTf.get(reading.store, valuesId(reading));
  return [...new Set([reading.config.PAPILIO_BX_PER_TF, ...(stored?.doc.values ?? [])])];
};

/**
 * Records what archived files of a run state of its numbering. An event is written when the numbering of the run, or one that
 * differs from it, is new; in any order and however often files arrive, the same files give the same record.
 */
export const recordNumbering = (
  { runId, run }: InRun,
  files: readonly Statement[],
  by: string,
  deps: Deps,
): Promise<void> =>
  untilNoConflict(async () => {
    const id = numberingId(run, deps);
    const stored = await numberings.get(deps.store, id);
    const before = stored?.doc.stated ?? [];
    const stated = withStatements(before, files);
    if (isSameStated(before, stated)) return;
    const write = numberings.put(id, { runId, run, stated }, stored?.version ?? 0);
    const values = await valuesWrite(stated, deps);
    if (isKnown(before, stated)) return commit(deps, [], [write, ...values]);
    const { differing, ...own } = numberingView(stated, settingsNumbering(deps));
    const data = { run, runId, ...own, differing: differing.slice(0, differingShown) };
    await commit(deps, [change(deps, id, write, { type: 'run.numbered', by, data })], values);
  });

const isSameStated = (a: readonly StatedNumbering[], b: readonly StatedNumbering[]): boolean =>
  JSON.stringify(a) === JSON.stringify(b);

/** Whether a record has the same numbering of the run, and the same others, whichever STFs state them. */
const isKnown = (before: readonly StatedNumbering[], after: readonly StatedNumbering[]): boolean =>
  before.length === after.length &&
  after.every((one, at) => {
    const other = before[at];
    return other !== undefined && isSameNumbering(one, other);
  });

const valuesWrite = async (stated: readonly StatedNumbering[], deps: Deps) => {
  const stored = await knownBxPerTf.get(deps.store, valuesId(deps));
  const known = stored?.doc.values ?? [];
  const values = [...new Set([...known, ...stated.map(({ bxPerTf }) => bxPerTf)])].toSorted((a, b) => a - b);
  if (values.length === known.length || values.length > valuesMax) return [];
  return [knownBxPerTf.put(valuesId(deps), { values }, stored?.version ?? 0)];
};
