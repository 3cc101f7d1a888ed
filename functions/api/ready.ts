import { asPapilioError, PapilioError } from '#lib/errors';
import type { Health, Readiness } from '#schema/status';
import type { Plane } from '../catalog.ts';
import { writePosition } from './position.ts';
import type { Surroundings } from './surroundings.ts';

type Check = Readiness['checks'][number];
type Around = Pick<Surroundings, 'feed' | 'records'>;

/** Asks a plane's file for something: an answer says that it is there and can be read. */
const store = async (plane: Plane, { records }: Around): Promise<Check> => {
  const name = `${plane} store`;
  try {
    const { log } = await records(plane);
    await log.head();
    return { name, isOk: true };
  } catch (thrown) {
    return { name, isOk: false, reason: asPapilioError(thrown).reason };
  }
};

const followed = (plane: Plane, { feed }: Around): Check =>
  feed.news(plane).isFollowed
    ? { name: `${plane} plane`, isOk: true }
    : { name: `${plane} plane`, isOk: false, reason: 'its events are not followed: it does not answer' };

/** Counts are right only once the events are counted that were there at the start. */
const counted = ({ feed }: Around): Check => {
  const { isCatchingUp, end } = feed.progress();
  if (!isCatchingUp) return { name: 'counts', isOk: true };
  const reason = `counted up to ${writePosition(feed.position())} of ${writePosition(end)}`;
  return { name: 'counts', isOk: false, reason };
};

/** Each outage that health knows, as a check that failed: a log may be followed for a while after its plane has gone. */
const outages = ({ problems = [] }: Health): Check[] =>
  problems.map(({ what, since }) => ({ name: what, isOk: false, reason: `since ${since ?? 'the start'}` }));

/** Whether papilio can do its work: stores readable, planes followed, events counted, no outage known. @throws not-ready */
export const needReady = async (around: Around, health: Health): Promise<Readiness> => {
  const planes = ['archive', 'work'] as const;
  const stores = await Promise.all(planes.map((plane) => store(plane, around)));
  const followedPlanes = planes.map((plane) => followed(plane, around));
  const checks = [...stores, ...followedPlanes, counted(around), ...outages(health)];
  const wrong = checks.filter(({ isOk }) => !isOk);
  if (wrong.length === 0) return { isReady: true, checks };
  throw new PapilioError('not-ready', wrong.map(({ name, reason }) => `${name}: ${reason}`).join('; '));
};
