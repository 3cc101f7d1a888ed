import type { Broken } from '#schema/broken';
import type { ProcessLine } from '#schema/processes';
import type { PlaneView } from '#schema/status';
import { isCrashLooping, restartWords } from './broken-processes.ts';

const runbooks = 'docs/operators/runbooks';
const error = { severity: 'error', isOutage: true } as const;
const warning = { severity: 'warning' } as const;

const effects = { archive: 'data are not archived', work: 'nothing is processed; archiving goes on' } as const;

/** A plane that does not answer, in the words of the supervisor where one runs it. */
const away = ({ name, lastNewsAt }: PlaneView, line: ProcessLine | undefined, nowMs: number): Broken => {
  const whats = { starting: 'is starting', down: 'is down', up: 'does not respond' } as const;
  const isLooping = line !== undefined && isCrashLooping(line, nowMs);
  const restarts = line === undefined || line.lastExit === undefined ? '' : `; ${restartWords(line)}`;
  return {
    kind: 'plane-away',
    ...error,
    plane: name,
    what: `the ${name} plane ${isLooping ? 'keeps restarting' : whats[line?.state ?? 'up']}`,
    ...(lastNewsAt === undefined ? {} : { since: lastNewsAt }),
    evidence: `${effects[name]}${restarts}${line?.isFinal ? '; it is not started again by itself' : ''}`,
    todo: `${runbooks}/plane-stands-still.md`,
  };
};

const servicesAway = ({ name, servicesAway: services = [] }: PlaneView): Broken[] =>
  services.map(({ what, reason }) => ({
    kind: 'services-away',
    ...error,
    plane: name,
    what: `${what} of the ${name} plane do not answer`,
    evidence: reason,
    todo: `${runbooks}/stack-does-not-answer.md`,
  }));

const paused = ({ name, paused: reason }: PlaneView): Broken[] =>
  reason === undefined
    ? []
    : [
        {
          kind: 'plane-paused',
          ...error,
          plane: name,
          what: `the ${name} plane takes no work`,
          evidence: reason,
          todo: `${runbooks}/work-plane-full.md`,
        },
      ];

const deadLetters = ({ name: plane, queues = {} }: PlaneView): Broken[] =>
  Object.entries(queues)
    .map(([name, { visible, inFlight, delayed }]) => ({ name, count: visible + inFlight + delayed }))
    .filter(({ name, count }) => name.endsWith('-dlq') && count > 0)
    .map(({ name, count }) => ({
      kind: 'dead-letters',
      ...warning,
      plane,
      what: `dead letters in ${name}`,
      evidence: `${count} ${count === 1 ? 'message' : 'messages'} failed for good`,
      todo: `${runbooks}/dead-letters.md`,
    }));

const parked = ({ name, parked: count = 0, parkedSince }: PlaneView): Broken[] =>
  count === 0
    ? []
    : [
        {
          kind: 'parked',
          ...warning,
          plane: name,
          what: `the ${name} plane has parked work`,
          ...(parkedSince === undefined ? {} : { since: parkedSince }),
          evidence: `${count} stopped it twice and ${count === 1 ? 'needs' : 'need'} a person`,
          todo: `${runbooks}/parked-call.md`,
        },
      ];

/** Somebody of the machine sends to the stack what only papilio's processes may; none of it was acted on. */
const forged = ({ name: plane, forged: found = [] }: PlaneView): Broken[] =>
  found.map(({ what, count, lastAt, reason }) => ({
    kind: 'stack-forged',
    severity: 'error',
    plane,
    what: `somebody else speaks in papilio's place: ${what} of the ${plane} plane`,
    evidence: `${count} refused, the last at ${lastAt}: ${reason}`,
    todo: `${runbooks}/forged-message.md`,
  }));

const notAnchored = ({ name, anchor }: PlaneView): Broken[] =>
  anchor?.problem === undefined
    ? []
    : [
        {
          kind: 'anchor-failing',
          ...warning,
          plane: name,
          what: `the event log of the ${name} plane is not anchored`,
          since: anchor.problem.since,
          evidence: `${anchor.to}: ${anchor.problem.reason}`,
          todo: 'docs/operators/audit-log.md',
        },
      ];

const rules = [servicesAway, forged, paused, deadLetters, parked, notAnchored];

type Inputs = {
  readonly nowMs: number;
  readonly planes: readonly PlaneView[];
  readonly processes: readonly ProcessLine[];
};

/** Problems that the planes report of themselves, and planes that do not report. */
export const brokenPlanes = ({ nowMs, planes, processes }: Inputs): Broken[] =>
  planes.flatMap((plane) => {
    if (plane.isAlive) return rules.flatMap((rule) => rule(plane));
    return [
      away(
        plane,
        processes.find(({ name }) => name === plane.name),
        nowMs,
      ),
    ];
  });
