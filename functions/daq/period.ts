import { PapilioError } from '#lib/errors';
import type { PeriodDraft, PeriodEnd, RunPeriod } from '#schema/run-period';

/** A period as it was named. @throws input-invalid if it has no beginning, two kinds of it, or an end before it */
export const periodOf = (id: string, name: string, draft: PeriodDraft, by: string, at: string): RunPeriod => {
  const { runFirst, startsAt } = draft;
  if ((runFirst === undefined) === (startsAt === undefined))
    throw new PapilioError('input-invalid', `${name}: it begins with runFirst or with startsAt, one of them`);
  return withEnd({ id, name, ...draft, namedBy: by, namedAt: at }, draft);
};

/** The end that closing gives a period: as it is told, or the moment for one of time. @throws input-invalid */
const endOf = ({ name, runFirst }: RunPeriod, { runEnd, endsAt }: PeriodEnd, at: string): PeriodEnd => {
  if (runFirst === undefined) return { runEnd, endsAt: endsAt ?? at };
  if (runEnd === undefined)
    throw new PapilioError('input-invalid', `${name}: it ends with runEnd, the run after its last one`);
  return { runEnd, endsAt };
};

/** A period with its end; undefined if that is the end that it was given before. @throws period-closed input-invalid */
export const closedPeriod = (period: RunPeriod, told: PeriodEnd, by: string, at: string): RunPeriod | undefined => {
  const end = endOf(period, told, at);
  const { name, runEnd, endsAt, closedAt } = period;
  const isOpen = runEnd === undefined && endsAt === undefined;
  if (isOpen) return { ...withEnd(period, end), closedBy: by, closedAt: at };
  if (closedAt !== undefined && runEnd === end.runEnd && endsAt === end.endsAt) return undefined;
  throw new PapilioError('period-closed', `${name} ends with ${runEnd === undefined ? endsAt : `run ${runEnd - 1}`}`);
};

/** Whether two periods say the same, whoever named them and when. */
export const isSamePeriod = (a: RunPeriod, b: RunPeriod): boolean => textOf(a) === textOf(b);

const textOf = ({ name, runFirst, runEnd, startsAt, endsAt, configuration, note }: RunPeriod): string =>
  JSON.stringify([name, runFirst, runEnd, startsAt, endsAt, Object.entries(configuration).sort(), note]);

const withEnd = (period: RunPeriod, { runEnd, endsAt }: PeriodEnd): RunPeriod => {
  const { name, runFirst, startsAt } = period;
  if ((runFirst === undefined && runEnd !== undefined) || (startsAt === undefined && endsAt !== undefined))
    throw new PapilioError('input-invalid', `${name}: it ends as it begins, by run or by time`);
  const isOver =
    (runFirst !== undefined && runEnd !== undefined && runEnd <= runFirst) ||
    (startsAt !== undefined && endsAt !== undefined && Date.parse(endsAt) <= Date.parse(startsAt));
  if (isOver) throw new PapilioError('input-invalid', `${name}: it ends before it begins`);
  return { ...period, ...(runEnd === undefined ? {} : { runEnd }), ...(endsAt === undefined ? {} : { endsAt }) };
};
