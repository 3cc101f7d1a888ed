import type { Job } from '../schema/job.ts';
import { isOpen } from './job-life.ts';

/** How jobs stand in lists: those of which something may still come, and the others by how they ended. */
export const jobShelves = ['open', 'succeeded', 'failed', 'cancelled'] as const;
type Shelf = (typeof jobShelves)[number];

/** Stands for no facility: the job has never had a place. */
export const nowhere = '-';

/** The partition of a shelf. */
export const shelfKey = (shelf: Shelf): string => `${shelf}-jobs`;

/** Where a job is or was last. */
export const facilityOfJob = ({ place, attempts }: Job): string =>
  place?.facility ?? attempts.at(-1)?.facility ?? nowhere;

const shelfOf = (job: Job): Shelf => {
  const ended = jobShelves.find((shelf) => shelf === job.state);
  return ended === undefined || isOpen(job) ? 'open' : ended;
};

/** A job's place in time; jobs of one moment by their id. */
export const timeKey = ({ createdAt, id }: Pick<Job, 'createdAt' | 'id'>): string => `${createdAt}#${id}`;

/** Where a job stands: by shelf, then by facility, then by time; so each of their lists is one range. */
export const orderOf = (job: Job): { readonly pk: string; readonly sk: string } => ({
  pk: shelfKey(shelfOf(job)),
  sk: `${facilityOfJob(job)}#${timeKey(job)}`,
});
