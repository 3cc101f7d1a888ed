import { change, commit, untilNoConflict } from '#lib/change';
import { type CommandOf, defineCommands, onAction } from '#lib/command';
import type { Deps } from '#lib/deps';
import { PapilioError } from '#lib/errors';
import { readId } from '#lib/model/ids';
import { nodeIdsOf } from '#lib/periods';
import { periodNodes, periods, type Stored } from '#lib/records';
import type { Write } from '#ports/store';
import { PeriodDraft, PeriodEnd, PeriodName, type RunPeriod } from '#schema/run-period';
import { closedPeriod, isSamePeriod, periodOf } from './period.ts';

const name = 'keep-periods';

/** Names a run period; the subject is its id. Named again with the same words it stays as it is. @throws period-exists */
const namePeriod = ({ id, subject, data, by, at }: CommandOf<typeof PeriodDraft>, deps: Deps): Promise<void> =>
  untilNoConflict(async () => {
    const period = periodOf(subject, nameIn(subject, deps), data, by, at);
    const known = await periods.get(deps.store, subject);
    if (known && isSamePeriod(known.doc, period)) return;
    if (known) throw new PapilioError('period-exists', period.name);
    await save(period, undefined, { type: 'period.named', cause: id }, deps);
  });

/** Gives an open period its end. A second time with the same end it stays as it is. @throws period-closed record-missing */
const closePeriod = (
  { id, subject, ifVersion, data, by, at }: CommandOf<typeof PeriodEnd>,
  deps: Deps,
): Promise<void> =>
  untilNoConflict(async () => {
    const known = await periods.need(deps.store, subject);
    const closed = closedPeriod(known.doc, data, by, at);
    if (closed && ifVersion !== undefined && ifVersion !== known.version)
      throw new PapilioError('version-outdated', `${subject} has version ${known.version}, not ${ifVersion}`);
    if (closed) await save(closed, known, { type: 'period.closed', cause: id }, deps);
  });

/** Keeps the run periods that people name. @see 6.4 */
export const keepPeriods = defineCommands(name, {
  'period.name': onAction(PeriodDraft, namePeriod),
  'period.close': onAction(PeriodEnd, closePeriod),
});

const nameIn = (subject: string, deps: Deps): string => {
  const typed = PeriodName.safeParse(readId(subject)?.name);
  if (typed.success && deps.ids.of('period', typed.data) === subject) return typed.data;
  throw new PapilioError('input-invalid', `${subject} is not the id of a period`);
};

/** Writes a period and puts it where it is looked for: into the nodes that it is new in, out of those that it left. */
const save = async (
  period: RunPeriod,
  before: Stored<RunPeriod> | undefined,
  event: { readonly type: 'period.named' | 'period.closed'; readonly cause: string },
  deps: Deps,
): Promise<void> => {
  const [was, is] = [new Set(before ? nodeIdsOf(before.doc, deps) : []), new Set(nodeIdsOf(period, deps))];
  const changedIds = [...was, ...is].filter((nodeId) => was.has(nodeId) !== is.has(nodeId));
  const nodes = await periodNodes.getMany(deps.store, changedIds);
  const writes = changedIds.map((nodeId, at): Write => {
    const others = (nodes[at]?.doc.periodIds ?? []).filter((id) => id !== period.id);
    const periodIds = is.has(nodeId) ? [...others, period.id].sort() : others;
    return periodNodes.put(nodeId, { periodIds }, nodes[at]?.version ?? 0);
  });
  const write = periods.put(period.id, period, before?.version ?? 0);
  await commit(deps, [change(deps, period.id, write, { ...event, by: name, data: period })], writes);
};
