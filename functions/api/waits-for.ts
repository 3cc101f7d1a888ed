import { nowhere, orderOf, shelfKey } from '#lib/model/job-order';
import { explains, facilities, jobs } from '#lib/records';
import type { Store } from '#ports/store';
import type { Explain } from '#schema/assignment';
import type { Job } from '#schema/job';

/** Jobs that are counted, at most, of those that wait and of those at one facility. */
const countedAtMost = 1_000;

/** What there is to wait for: slots and their use, and the jobs without a place in the order in which they came. */
type Line = {
  readonly slots: string;
  readonly isFull: boolean;
  readonly waiting: readonly string[];
  /** Why no facility takes work. */
  readonly drained?: string | undefined;
};

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const openJobs = async (store: Store, facility: string): Promise<Job[]> => {
  const range = { skFirst: `${facility}#`, skEnd: `${facility}$`, limit: countedAtMost };
  return (await jobs.list(store, 'i2', shelfKey('open'), range)).items.map(({ doc }) => doc);
};

/** Reads facilities and open jobs: at most 1,000 of each facility, and as many without a place. */
const readLine = async (store: Store): Promise<Line> => {
  const all = (await facilities.list(store, 'i1', 'facilities')).items.map(({ doc }) => doc);
  const drained = all.flatMap(({ name, drain }) => (drain ? [`${name} is drained by ${drain.by}: ${drain.why}`] : []));
  const sites = all.filter(({ drain }) => drain === undefined);
  const used = await Promise.all(
    sites.map(async ({ name, queues }) => {
      const slots = queues.reduce((sum, queue) => sum + (queue.isOnline ? queue.slots : 0), 0);
      const busy = (await openJobs(store, name)).filter(({ place }) => place !== undefined).length;
      return { name, slots, busy };
    }),
  );
  const waiting = (await openJobs(store, nowhere)).map((job) => orderOf(job).sk).sort();
  return {
    slots: used.map(({ name, slots, busy }) => `${name} has ${plural(slots, 'slot')}, ${busy} busy`).join(', '),
    isFull: used.every(({ slots, busy }) => busy >= slots),
    waiting,
    drained: sites.length === 0 && drained.length > 0 ? drained.join('; ') : undefined,
  };
};

const beforeIt = ({ waiting }: Line, job: Job): string => {
  const key = orderOf(job).sk;
  if (!key.startsWith(`${nowhere}#`)) return '';
  const count = waiting.filter((other) => other < key).length;
  return `; ${count === countedAtMost ? 'more than ' : ''}${plural(count, 'job')} before it`;
};

const placeWords = (job: Job, explain: Explain | undefined, line: Line): string => {
  if (explain?.held !== undefined) return `processing to resume: ${explain.held}`;
  if (line.drained !== undefined) return `a facility: ${line.drained}`;
  return line.isFull ? `a free slot: ${line.slots}${beforeIt(line, job)}` : `the broker to place it: ${line.slots}`;
};

const at = ({ place, attempts }: Job): string => {
  const last = place ?? attempts.at(-1);
  return last === undefined ? '' : ` at ${last.facility}/${last.queue}`;
};

const wordsOf = (job: Job, explain: Explain | undefined, line: Line): string | undefined => {
  if (job.state === 'waiting') return placeWords(job, explain, line);
  if (job.state === 'assigned' || job.state === 'submitting') return `its submission${at(job)}`;
  if (job.state === 'submitted') return `its payload${at(job)}, attempt ${job.attempts.at(-1)?.number ?? 1}`;
  return undefined;
};

/** For each of some jobs what it waits for; undefined for one that has ended. Index reads are shared by all of them. */
export const waitsFor = async (store: Store, wanted: readonly Job[]): Promise<(string | undefined)[]> => {
  const told = await explains.getMany(
    store,
    wanted.map(({ id }) => id),
  );
  const isWaiting = wanted.some(({ state }) => state === 'waiting');
  const line = isWaiting ? await readLine(store) : { slots: '', isFull: false, waiting: [] };
  return wanted.map((job, position) => wordsOf(job, told[position]?.doc, line));
};
