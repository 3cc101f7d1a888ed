import { asPapilioError, PapilioError } from '#lib/errors';
import type { Readiness } from '#schema/status';
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

/**
 * Whether the front can answer what it is asked: both stores are readable, both planes are followed, and their
 * events are counted.
 * @throws not-ready
 */
export const needReady = async (around: Around): Promise<Readiness> => {
  const planes = ['archive', 'work'] as const;
  const stores = await Promise.all(planes.map((plane) => store(plane, around)));
  const checks = [...stores, ...planes.map((plane) => followed(plane, around)), counted(around)];
  const wrong = checks.filter(({ isOk }) => !isOk);
  if (wrong.length === 0) return { isReady: true, checks };
  throw new PapilioError('not-ready', wrong.map(({ name, reason }) => `${name}: ${reason}`).join('; '));
};
