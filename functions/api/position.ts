import { PapilioError } from '#lib/errors';
import type { Event } from '#schema/event';
import type { Plane } from '../catalog.ts';

/** A place in both logs: the last event that was seen of each. */
export type Position = { readonly archive: number; readonly work: number };

export const startOfLogs: Position = { archive: 0, work: 0 };

/** `a1042-w99317`. */
export const writePosition = ({ archive, work }: Position): string => `a${archive}-w${work}`;

/** @throws input-invalid for text that is no position. */
export const readPosition = (text: string): Position => {
  const [, archive, work] = /^a(\d{1,15})-w(\d{1,15})$/.exec(text) ?? [];
  if (archive === undefined || work === undefined) {
    throw new PapilioError(
      'input-invalid',
      `after: ${JSON.stringify(text.slice(0, 60))} does not read a<number>-w<number>`,
    );
  }
  return { archive: Number(archive), work: Number(work) };
};

/** The plane whose log holds an event. */
export const planeOf = (event: Pick<Event, 'source'>): Plane =>
  event.source.endsWith('/archive') ? 'archive' : 'work';

/** The later place of two, log by log. */
export const furthest = (one: Position, other: Position): Position => ({
  archive: Math.max(one.archive, other.archive),
  work: Math.max(one.work, other.work),
});

/** Whether a log has moved on since `then`. */
export const isPast = (now: Position, then: Position): boolean => now.archive > then.archive || now.work > then.work;
