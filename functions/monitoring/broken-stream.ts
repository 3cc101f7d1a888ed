import type { Broken } from '#schema/broken';
import type { BrokenInputs } from './broken-inputs.ts';
import { iso } from './moment.ts';
import { gapMs, recentMs, silenceMs } from './policy.ts';

const page = 'docs/operators/runbooks/tfs-missing.md';

/** A broker that was just connected to has not had the time to deliver yet. */
const connectedMs = ({ brokers }: BrokenInputs): number =>
  Math.max(0, ...brokers.filter(({ state }) => state === 'connected').map(({ since }) => Date.parse(since)));

const silent = (inputs: BrokenInputs): Broken[] => {
  const { ribbon, evidence, nowMs } = inputs;
  if (ribbon?.state !== 'run' || ribbon.substate !== 'physics') return [];
  const lastMs = Math.max(Date.parse(ribbon.since), evidence.lastStfMs ?? 0, connectedMs(inputs));
  if (nowMs - lastMs <= silenceMs) return [];
  return [
    {
      kind: 'stream-silent',
      severity: 'error',
      what: 'no STFs come, though physics is taken',
      since: iso(lastMs),
      evidence: `run ${ribbon.run} is in run/physics`,
      todo: 'docs/operators/runbooks/stream-silent.md',
    },
  ];
};

const incomplete = ({ evidence: { incomplete: seen } }: BrokenInputs): Broken[] =>
  seen.count === 0 || seen.firstMs === undefined
    ? []
    : [
        {
          kind: 'tfs-missing',
          severity: 'warning',
          what: 'STFs were archived without all of their TFs',
          since: iso(seen.firstMs),
          evidence: `${seen.count} in the last hour${seen.lastName === undefined ? '' : `, the last is ${seen.lastName}`}`,
          todo: page,
        },
      ];

/** Of the run that is on, and of those that got them lately. */
const gaps = ({ evidence, ribbon, nowMs }: BrokenInputs): Broken[] =>
  evidence.gaps
    .filter(({ run, sinceMs }) => run === ribbon?.run || sinceMs > nowMs - recentMs)
    .filter(({ sinceMs }) => sinceMs <= nowMs - gapMs)
    .map(({ run, count, sinceMs }) => ({
      kind: 'tfs-missing',
      severity: 'warning',
      what: `run ${run} has gaps`,
      since: iso(sinceMs),
      evidence: `${count} between its archived TFs`,
      todo: page,
    }));

/** What is wrong with the stream as it comes from the DAQ. */
export const brokenStream = (inputs: BrokenInputs): Broken[] => [silent, incomplete, gaps].flatMap((of) => of(inputs));
