import type { TimelineStep } from '#schema/detector-state';
import type { RecentRuns, RunLine, Standing } from '#schema/recent-runs';
import { clockAhead } from './clock.ts';
import { runsKept } from './policy.ts';
import { inDaqOrder, phaseAfter, runOf } from './timeline.ts';
import { pairText } from './transitions.ts';

/** The runs with what one of them says now. A run of which nothing is legal any more has no line. O(runs). */
export const withRun = (before: RecentRuns, runId: string, line: RunLine | undefined): RecentRuns => {
  const others = before.runs.filter((one) => one.runId !== runId);
  const runs = [...others, ...(line ? [line] : [])].sort((a, b) => inDaqOrder(a.last, b.last));
  return { runs: runs.slice(-runsKept) };
};

/**
 * What a run says last, as its timeline tells it: a function of the set of its messages. A step that is stamped far ahead
 * does not count, or the state would stand still until that day.
 */
export const lineOf = (runId: string, run: number, steps: readonly TimelineStep[]): RunLine | undefined => {
  const legal = steps.filter((step) => step.isLegal && clockAhead(step.stampedAt, step.receivedAt).length === 0);
  const last = legal.at(-1);
  if (!last) return undefined;
  const { stampedAt, order, type, messageId } = last;
  const { startedAt, endedAt, conditions } = runOf(runId, run, legal);
  const configuration = conditions?.detector_config;
  return {
    runId,
    run,
    last: { stampedAt, order, type, messageId },
    detector: standingOf(legal, run, (at) => pairOf(legal[at])),
    runControl: standingOf(legal, run, (at) => `run ${run} ${phaseAfter(legal.slice(0, at + 1))}`),
    ...(typeof configuration === 'string' ? { configuration: configuration.slice(0, 60) } : {}),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(endedAt === undefined ? {} : { endedAt }),
  };
};

const pairOf = (step: TimelineStep | undefined): string => (step?.to === undefined ? 'unknown' : pairText(step.to));

/** The value of the last step, and the step since which it has not changed. */
const standingOf = (legal: readonly TimelineStep[], run: number, valueAt: (at: number) => string): Standing => {
  const lastAt = legal.length - 1;
  const value = valueAt(lastAt);
  let firstAt = lastAt;
  while (firstAt > 0 && valueAt(firstAt - 1) === value) firstAt -= 1;
  const since = legal[firstAt];
  return {
    value,
    eventAt: since?.stampedAt ?? '',
    receivedAt: since?.receivedAt ?? '',
    reason: `${since?.type} of run ${run}`,
    confidence: since?.pair === undefined ? 'implied' : 'told',
    messageId: since?.messageId ?? '',
  };
};

/** A run that began while another that began before it had not ended. */
type Overlap = { readonly run: number; readonly with: number };

/** Runs that overlap by the DAQ's own stamps, each with the one that it began in. O(n log n) for n recent runs. */
export const overlapsOf = ({ runs }: RecentRuns): Overlap[] => {
  const begun = runs
    .flatMap(({ run, startedAt, endedAt }) => (startedAt === undefined ? [] : [{ run, startedAt, endedAt }]))
    .sort((a, b) => (a.startedAt === b.startedAt ? a.run - b.run : a.startedAt < b.startedAt ? -1 : 1));
  const overlaps: Overlap[] = [];
  let open: (typeof begun)[number] | undefined;
  for (const one of begun) {
    if (open && isOpenAt(open, one.startedAt)) overlaps.push({ run: one.run, with: open.run });
    if (!open || isLonger(one, open)) open = one;
  }
  return overlaps;
};

const isOpenAt = ({ endedAt }: { readonly endedAt: string | undefined }, at: string): boolean =>
  endedAt === undefined || endedAt > at;

const isLonger = (a: { readonly endedAt: string | undefined }, b: { readonly endedAt: string | undefined }): boolean =>
  b.endedAt !== undefined && (a.endedAt === undefined || a.endedAt > b.endedAt);
