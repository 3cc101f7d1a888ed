import { createHash } from 'node:crypto';

/** A number that counts things of which there may be many, such as a run or a sequence. */
const counters = /\d{4,}/g;

/** First character of a folder of a thousand; no object key and no attempt id contains it. */
export const shardMark = '+';

const thousand = (digits: string): string => `${shardMark}${digits.slice(0, -3)}000`;

/**
 * Folder that a name shares with the thousand names of nearby numbers, so that no folder grows with age:
 * `swf.102363.134217.stf` is in `+134000`. Undefined for a name without a number of four or more digits.
 */
export const thousandOf = (name: string): string | undefined => {
  const last = name.match(counters)?.at(-1);
  return last === undefined ? undefined : thousand(last);
};

/** Folder of an attempt by its run and the thousand of its STF: `00102363/+00134000`. A name without numbers has one of 256. */
export const attemptShardOf = (attemptId: string): string => {
  const [run, last] = (attemptId.match(counters) ?? []).slice(-2);
  if (run === undefined) return `${shardMark}${createHash('sha256').update(attemptId).digest('hex').slice(0, 2)}`;
  return last === undefined ? thousand(run) : `${run}/${thousand(last)}`;
};
