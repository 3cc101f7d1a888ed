import { contentHash } from '#lib/model/content-hash';
import { readDaqBody } from '#schema/daq-dialects';
import type { DaqMessage } from '#schema/daq-message';

/** A message as a broker or a recording delivers it. */
export type Frame = { readonly destination: string; readonly body: string };

/** Bytes that raw text may take as JSON: with them an envelope fits one message of a queue, and one input of a machine. */
const rawMaxBytes = 100_000;
const jsonBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text));

/** The head of a text that takes at most so many bytes as JSON; a character takes one to six. */
const headOf = (text: string, maxBytes: number): string => {
  let head = text.slice(0, maxBytes);
  for (let bytes = jsonBytes(head); bytes > maxBytes; bytes = jsonBytes(head))
    head = head.slice(0, Math.floor((head.length * maxBytes) / bytes));
  return head;
};

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
    raw: headOf(frame.body, rawMaxBytes),
  };
};
