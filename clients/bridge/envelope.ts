import { readDaqBody } from '#schema/daq-dialects';
import type { DaqMessage } from '#schema/daq-message';
import { contentHash } from './content-id.ts';

/** A message as a broker or a recording delivers it. */
export type Frame = { readonly destination: string; readonly body: string };

const rawMax = 100_000;

/** Parses a frame once, into papilio's own event with the raw bytes beside it. */
export const envelopeOf = (frame: Frame, receivedAt: string, idOf: (hash: string) => string): DaqMessage => {
  const { dialect, ...read } = readDaqBody(frame.body);
  const id = idOf(contentHash(frame.body));
  return {
    id,
    receivedAt,
    destination: frame.destination.slice(0, 200),
    dialect,
    ...read,
    raw: frame.body.slice(0, rawMax),
  };
};
