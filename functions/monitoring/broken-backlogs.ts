import type { Broken } from '#schema/broken';
import type { Backlog } from '#schema/status';
import type { BrokenInputs } from './broken-inputs.ts';
import { iso } from './moment.ts';
import { growth, lagLimitMs } from './policy.ts';

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;
const runbook = 'docs/operators/runbooks/falls-behind.md';

const ageMs = ({ oldestAt }: Backlog, nowMs: number): number =>
  oldestAt === undefined ? 0 : nowMs - Date.parse(oldestAt);

const trendWords = ({ trend, perMinute, catchUpS }: Backlog): string => {
  if (trend === 'growing') return `growing by ${perMinute} a minute`;
  return trend === 'steady' ? 'not shrinking' : `caught up with in ${seconds((catchUpS ?? 0) * 1000)}`;
};

const lateIn = (backlog: Backlog, nowMs: number): Pick<Broken, 'since' | 'evidence'> => ({
  since: iso(nowMs - ageMs(backlog, nowMs) + lagLimitMs),
  evidence: `${backlog.count}, the oldest for ${seconds(ageMs(backlog, nowMs))}, ${trendWords(backlog)}`,
});

const archivingLate = ({ backlogs: { archiving }, nowMs }: BrokenInputs): Broken[] =>
  ageMs(archiving, nowMs) <= lagLimitMs
    ? []
    : [
        {
          kind: 'archiving-late',
          severity: 'error',
          what: `STFs wait longer than ${seconds(lagLimitMs)} for the archive`,
          ...lateIn(archiving, nowMs),
          todo: runbook,
        },
      ];

/** By an operator, or by the detector's state while STFs come in it; a silent stream holds nothing back. */
const suspended = ({ facets, backlogs: { processing } }: BrokenInputs): Broken[] =>
  facets
    .filter(({ facet }) => facet === 'processing')
    .filter(
      ({ value }) => value === 'suspended-by-operator' || (value === 'suspended-by-state' && processing.count > 0),
    )
    .map(({ reason, receivedAt }) => ({
      kind: 'processing-suspended',
      severity: 'warning',
      what: 'processing is suspended',
      since: receivedAt,
      evidence: `${reason}; ${processing.count} STFs wait`,
      todo: 'docs/operators/runbooks/suspend.md',
    }));

const processingLate = ({ backlogs: { processing }, nowMs }: BrokenInputs): Broken[] =>
  ageMs(processing, nowMs) <= lagLimitMs
    ? []
    : [
        {
          kind: 'processing-late',
          severity: processing.trend === 'shrinking' ? 'warning' : 'error',
          what: `STFs wait longer than ${seconds(lagLimitMs)} for their processing`,
          ...lateIn(processing, nowMs),
          todo: runbook,
        },
      ];

/** Whether a run still brings STFs: what is left of one that has ended only shrinks. */
const isFlowing = ({ ribbon, rates }: BrokenInputs): boolean => ribbon?.phase !== 'ended' && rates.announcedHz > 0;

const growing = (inputs: BrokenInputs): Broken[] => {
  const { backlogs, rates, nowMs } = inputs;
  const { processing } = backlogs;
  const { trend, perMinute, count } = processing;
  const allowed = Math.max(growth.stfs, growth.share * rates.archivedHz * rates.windowS);
  if (!isFlowing(inputs) || trend !== 'growing' || perMinute <= allowed || ageMs(processing, nowMs) > lagLimitMs)
    return [];
  return [
    {
      kind: 'backlog-growing',
      severity: 'warning',
      what: 'more STFs come than are processed',
      evidence: `${count} wait, growing by ${perMinute} a minute`,
      todo: runbook,
    },
  ];
};

/** What waits longer than it should. Who suspended processing is not told that it is late. */
export const brokenBacklogs = (inputs: BrokenInputs): Broken[] => {
  const stopped = suspended(inputs);
  const late = stopped.length > 0 ? stopped : [processingLate, growing].flatMap((of) => of(inputs));
  return [...archivingLate(inputs), ...late];
};
