import type { CloudEvent, Event } from '#schema/event';
import { type EventFacets, facetsOf } from '../event-filter.ts';
import { type Position, planeOf, writePosition } from '../position.ts';

/** An event on its way to clients: what it is chosen by, and its text, each made once for all of them. */
export type Entry = {
  readonly event: Event;
  /** Both logs up to and with this event, in the order in which it is sent. */
  readonly position: Position;
  readonly facets: () => EventFacets;
  /** The event under the id of its position. */
  readonly block: () => Buffer;
  /** The event under another id. */
  readonly blockAt: (position: Position) => Buffer;
};

/** An event in the envelope of CloudEvents 1.0. */
export const cloudEventOf = (event: Event): CloudEvent => ({ specversion: '1.0', ...event });

/** Without a name of its own for each type: a browser hands what has none to one listener. The type stands in the envelope. */
const textOf = (event: Event): string => `data: ${JSON.stringify(cloudEventOf(event))}\n\n`;

/** Makes the entry of an event; its text waits until somebody wants it. */
export const entryOf = (event: Event, position: Position): Entry => {
  let facets: EventFacets | undefined;
  let text: string | undefined;
  let block: Buffer | undefined;
  const rest = (): string => {
    text ??= textOf(event);
    return text;
  };
  const blockAt = (at: Position): Buffer => Buffer.from(`id: ${writePosition(at)}\n${rest()}`);
  return {
    event,
    position,
    blockAt,
    facets: () => {
      facets ??= facetsOf(event);
      return facets;
    },
    block: () => {
      block ??= blockAt(position);
      return block;
    },
  };
};

/** The position after an event, where both logs were at `before`. */
export const positionAfter = (before: Position, event: Event): Position => ({
  ...before,
  [planeOf(event)]: Math.max(before[planeOf(event)], event.seq),
});

/** A comment that keeps the connection open, with the place up to which a client has all that it wants. */
export const heartbeat = (position: Position): Buffer => {
  const text = writePosition(position);
  return Buffer.from(`: ${text}\nid: ${text}\n\n`);
};

/** The first words of a stream: where it begins, and how long to wait before coming back. */
export const greeting = (position: Position, retryMs: number): Buffer =>
  Buffer.concat([Buffer.from(`retry: ${retryMs}\n`), heartbeat(position)]);

/** Tells a client that its position is none of these logs, and where they are: what it knows from before may be gone. */
export const resetBlock = (asked: Position, head: Position): Buffer =>
  Buffer.from(
    `id: ${writePosition(head)}\nevent: reset\ndata: ${JSON.stringify({ asked: writePosition(asked), position: writePosition(head) })}\n\n`,
  );
