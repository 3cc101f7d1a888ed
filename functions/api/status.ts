import * as z from 'zod';
import { asPapilioError } from '#lib/errors';
import type { Broken, BrokenKind } from '#schema/broken';
import {
  type Health,
  isPlaneWell,
  type PlaneReport,
  type PlaneView,
  type QueueDepth,
  type Status,
} from '#schema/status';
import { inboxes } from '../catalog.ts';
import { brokenOf } from '../monitoring/broken.ts';
import type { BrokenInputs } from '../monitoring/broken-inputs.ts';
import { foldConsequences } from '../monitoring/causes.ts';
import { iso } from '../monitoring/moment.ts';
import { lagLimitMs } from '../monitoring/policy.ts';
import type { Sightings } from '../monitoring/sightings.ts';
import { writePosition } from './position.ts';
import type { Conditions, Surroundings } from './surroundings.ts';

const isDeadLetter = (queue: string): boolean => queue.endsWith('-dlq');

const sumOf = (depths: readonly QueueDepth[]): number =>
  depths.reduce((sum, { visible, inFlight, delayed }) => sum + visible + inFlight + delayed, 0);

const depthsOf = (queues: Readonly<Record<string, QueueDepth>>, wantsDeadLetters: boolean): QueueDepth[] =>
  Object.entries(queues).flatMap(([name, depth]) => (isDeadLetter(name) === wantsDeadLetters ? [depth] : []));

const Parked = z.object({ parkedAt: z.iso.datetime() });
/** When the first input was parked, as far as the plane says. */
const parkedSince = ({ parked = [] }: PlaneReport): Pick<PlaneView, 'parkedSince'> => {
  const moments = parked.flatMap((one) => Parked.safeParse(one).data?.parkedAt ?? []).toSorted();
  return moments[0] === undefined ? {} : { parkedSince: moments[0] };
};

/** What waits and runs; nothing where the queues do not answer. */
const workIn = ({ queues, runningExecutions, eventsWaiting }: PlaneReport): Partial<PlaneView> => {
  if (queues === undefined) return {};
  const queued = sumOf(depthsOf(queues, false));
  return { runningExecutions, eventsWaiting, queued, deadLetters: sumOf(depthsOf(queues, true)), queues };
};

const viewOf = (name: PlaneView['name'], report: PlaneReport, nowMs: number): PlaneView => ({
  name,
  isAlive: true,
  lastNewsAt: iso(nowMs),
  build: report.build,
  node: report.node,
  startedAt: report.startedAt,
  ...workIn(report),
  servicesAway: report.servicesAway,
  ...(report.forged === undefined ? {} : { forged: report.forged }),
  parked: report.parked?.length ?? 0,
  ...(report.damaged === undefined ? {} : { damaged: report.damaged }),
  ...parkedSince(report),
  ...(report.quota?.paused === undefined ? {} : { paused: report.quota.paused }),
  health: report.health,
  quota: report.quota,
  disk: report.disk,
  store: report.store,
  anchor: report.anchor,
});

/** Asks one plane how it is; what it does not answer, it is not alive to say. */
const askPlane = async (name: PlaneView['name'], { peers, feed, clock, log }: Surroundings): Promise<PlaneView> => {
  try {
    return viewOf(name, await peers[name].report(), clock.nowMs());
  } catch (thrown) {
    log.debug({ plane: name, reason: asPapilioError(thrown).reason }, 'plane does not answer');
    const { lastNewsAtMs } = feed.news(name);
    return { name, isAlive: false, ...(lastNewsAtMs === undefined ? {} : { lastNewsAt: iso(lastNewsAtMs) }) };
  }
};

/**
 * The archive plane is asked first: it holds the inboxes, and a message leaves one only after its execution was started
 * in the plane that is asked second. So nothing is between the two answers.
 */
export const askPlanes = async (surroundings: Surroundings): Promise<[PlaneView, PlaneView]> => {
  const archive = await askPlane('archive', surroundings);
  return [archive, await askPlane('work', surroundings)];
};

const isIdle = ({ isAlive, queued, runningExecutions, eventsWaiting = 0 }: PlaneView): boolean =>
  isAlive && queued === 0 && runningExecutions === 0 && eventsWaiting === 0;

/** Whether every event that there is has been counted. */
const isCaughtUp = async ({ peers, feed }: Surroundings): Promise<boolean> => {
  const { archive, work } = feed.position();
  const [inArchive, inWork] = await Promise.all([
    peers.archive.log(archive, { limit: 1, waitMs: 0 }),
    peers.work.log(work, { limit: 1, waitMs: 0 }),
  ]);
  return inArchive.events.length + inWork.events.length === 0;
};

/** The inboxes exist from a plane's first moment on; before that an empty list of queues says nothing. */
const hasInboxes = ({ queues = {} }: PlaneView): boolean =>
  Object.values(inboxes).every((inbox) => Object.hasOwn(queues, inbox));

const findQuiet = async (
  planes: readonly [PlaneView, PlaneView],
  wasReplaying: boolean,
  surroundings: Surroundings,
): Promise<boolean> => {
  const isAtRest = !wasReplaying && hasInboxes(planes[0]) && planes.every(isIdle);
  if (!isAtRest) return false;
  return isCaughtUp(surroundings).catch(() => false);
};

/** What the events tell as of a moment. */
const toldBy = ({ tally }: Surroundings['feed'], nowMs: number) => {
  const ribbon = tally.ribbon();
  const facets = tally.facets();
  const rates = tally.rates(nowMs);
  const backlogs = tally.backlogs(nowMs);
  return { ribbon, facets, rates, backlogs, evidence: tally.evidence(nowMs) };
};

/** How far the events are counted that were there at the start. */
const catchingUp = ({ feed }: Pick<Surroundings, 'feed'>): Pick<Status, 'isCatchingUp' | 'catchUpEnd'> => {
  const { isCatchingUp, end } = feed.progress();
  return isCatchingUp ? { isCatchingUp, catchUpEnd: writePosition(end) } : {};
};

/** Problems that no event tells, beside outages; the others are not known before the events are counted. */
const withoutEvents: ReadonlySet<BrokenKind> = new Set([
  'process-restarted',
  'dead-letters',
  'parked',
  'anchor-failing',
]);

/** All that is broken, as far as it is known: causes with their consequences. */
const problemsOf = (inputs: BrokenInputs, isCatchingUp: boolean, sightings: Sightings): Broken[] => {
  const known = brokenOf(inputs).filter(({ kind, isOutage }) => !isCatchingUp || isOutage || withoutEvents.has(kind));
  return foldConsequences(sightings(known, iso(inputs.nowMs)));
};

/** What is broken, from planes that were asked before. */
const judge = async (planes: readonly PlaneView[], { conditions, clock, feed }: Surroundings, sightings: Sightings) => {
  const known = (await conditions?.()) ?? {};
  const nowMs = clock.nowMs();
  const { evidence, ...told } = toldBy(feed, nowMs);
  const { brokers = [], processes = [] } = known;
  const { isCatchingUp } = feed.progress();
  const broken = problemsOf({ nowMs, planes, brokers, processes, evidence, ...told }, isCatchingUp, sightings);
  return { nowMs, known, evidence, told, broken };
};

/** Whether the instance works, and why not. */
export const healthOf = async (surroundings: Surroundings, sightings: Sightings): Promise<Health> => {
  const planes = await askPlanes(surroundings);
  const { broken } = await judge(planes, surroundings, sightings);
  const problems = broken
    .filter(({ isOutage }) => isOutage)
    .map(({ kind, plane, severity, what, since, todo }) => ({ kind, plane, severity, what, since, todo }));
  return {
    isHealthy: planes.every(isPlaneWell) && problems.length === 0,
    planes: planes.map(({ name, isAlive, lastNewsAt, servicesAway }) => ({ name, isAlive, lastNewsAt, servicesAway })),
    problems,
  };
};

/** Lists of the conditions as an answer has them. */
const copied = ({ brokers, processes }: Conditions): Pick<Status, 'brokers' | 'processes'> => ({
  ...(brokers && { brokers: [...brokers] }),
  ...(processes && { processes: [...processes] }),
});

/** How it goes, now. */
export const statusOf = async (surroundings: Surroundings, sightings: Sightings): Promise<Status> => {
  const { config, feed, isReplaying } = surroundings;
  // Asked before the planes: what the bridge sent before it was done is then in a queue, running, or over.
  const wasReplaying = await isReplaying();
  const planes = await askPlanes(surroundings);
  const isQuiet = await findQuiet(planes, wasReplaying, surroundings);
  const { nowMs, known, evidence, told, broken } = await judge(planes, surroundings, sightings);
  const { ribbon, ...rest } = told;
  const { count, sinceMs } = feed.tally.waiting();
  const counting = catchingUp(surroundings);
  return {
    instance: config.PAPILIO_INSTANCE,
    wing: config.PAPILIO_WING,
    build: config.PAPILIO_BUILD,
    at: iso(nowMs),
    position: writePosition(feed.position()),
    ...counting,
    ...(ribbon && { ribbon, current: feed.tally.figures(ribbon.run) }),
    ...rest,
    total: feed.tally.figures(),
    lagMs: sinceMs === undefined ? 0 : Math.max(0, nowMs - sinceMs),
    lagLimitMs,
    waiting: count,
    ...(evidence.lastStfMs === undefined ? {} : { lastStfAt: iso(evidence.lastStfMs) }),
    broken,
    planes,
    ...copied(known),
    isQuiet,
  };
};
