import type { Broken } from '#schema/broken';
import type { ProcessLine } from '#schema/processes';
import type { PlaneView } from '#schema/status';
import { crashLoop, restartShownMs } from './policy.ts';

const runbooks = 'docs/operators/runbooks';
const planes: readonly PlaneView['name'][] = ['archive', 'work'];

const planeOf = ({ name }: ProcessLine): PlaneView['name'] | undefined => planes.find((plane) => plane === name);
const titleOf = (line: ProcessLine): string => (planeOf(line) === undefined ? line.name : `${line.name} plane`);

/** Restarts of a process and its last end: `restarts 4, last exit: SIGKILL at 12:01:03 UTC`. */
export const restartWords = ({ restarts, lastExit }: Pick<ProcessLine, 'restarts' | 'lastExit'>): string => {
  const last = lastExit === undefined ? '' : `, last exit: ${lastExit.cause} at ${lastExit.at.slice(11, 19)} UTC`;
  return `restarts ${restarts}${last}`;
};

/** A process that was restarted several times within minutes and has not stayed up since. */
export const isCrashLooping = ({ state, since, restarts, lastExit }: ProcessLine, nowMs: number): boolean => {
  if (lastExit === undefined || restarts < crashLoop.restarts) return false;
  const isRecent = nowMs - Date.parse(lastExit.at) < crashLoop.withinMs;
  return isRecent && (state !== 'up' || nowMs - Date.parse(since) < crashLoop.settledMs);
};

const looping = (line: ProcessLine): Broken => ({
  kind: 'process-restarting',
  severity: 'error',
  isOutage: true,
  what: `the ${titleOf(line)} keeps restarting`,
  since: line.since,
  evidence: restartWords(line),
  todo: `${runbooks}/process-restarts.md`,
});

/** A process that ended without an exit on record has done its work: a bridge whose recording is over. */
const down = (line: ProcessLine): Broken[] =>
  line.state !== 'down' || line.lastExit === undefined
    ? []
    : [
        {
          kind: 'process-down',
          severity: 'error',
          isOutage: true,
          what: `the ${titleOf(line)} is down`,
          since: line.since,
          evidence: `${restartWords(line)}${line.isFinal ? '; it is not started again by itself' : ''}`,
          todo: `${runbooks}/process-restarts.md`,
        },
      ];

const restarted = (line: ProcessLine, nowMs: number): Broken[] => {
  const { restarts, lastExit } = line;
  if (restarts === 0 || lastExit === undefined || nowMs - Date.parse(lastExit.at) > restartShownMs) return [];
  return [
    {
      kind: 'process-restarted',
      severity: 'warning',
      what: `the ${titleOf(line)} was restarted`,
      since: lastExit.at,
      evidence: restartWords(line),
      todo: `${runbooks}/process-restarts.md`,
    },
  ];
};

type Inputs = {
  readonly nowMs: number;
  readonly planes: readonly PlaneView[];
  readonly processes: readonly ProcessLine[];
};

/** Processes that are down, that keep restarting, or were restarted within the hour. A plane that is away is named as such. */
export const brokenProcesses = ({ nowMs, planes: views, processes }: Inputs): Broken[] =>
  processes.flatMap((line) => {
    const plane = planeOf(line);
    if (views.some(({ name, isAlive }) => name === plane && !isAlive)) return [];
    const found = isCrashLooping(line, nowMs) ? [looping(line)] : down(line);
    const all = found.length > 0 ? found : restarted(line, nowMs);
    return plane === undefined ? all : all.map((one) => ({ ...one, plane }));
  });
