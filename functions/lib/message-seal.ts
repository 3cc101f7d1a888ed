import type { Seal } from './seal.ts';

/** The attribute of a message that has its seal. */
export const sealAttribute = 'papilio-seal';
/** What the attribute adds to the size of a message, at most. */
export const sealBytes = 128;

/** A queue keeps a message for 14 days: an older seal is of a message that somebody took and put back. */
const oldestMs = 14 * 86_400_000;
/** By how much the clocks of two processes of one machine may differ. */
const aheadMs = 300_000;

/** Where a message lies, and what it says: the bytes as they are sent. */
export type SealedMessage = { readonly account: string; readonly queue: string; readonly body: string };

const saidIn = ({ account, queue, body }: SealedMessage, at: string) => ['message', account, queue, at, body] as const;

/** The seal of a message: when it was made, and what shows by whom. It holds in this queue and for these bytes only. */
export const sealOfMessage = (seal: Seal, message: SealedMessage, nowMs: number): string =>
  `${nowMs}.${seal.of(...saidIn(message, String(nowMs)))}`;

/** What seals messages as they are sent. */
export const sealingMessages =
  (seal: Seal, nowMs: () => number) =>
  (account: string, queue: string, body: string): string =>
    sealOfMessage(seal, { account, queue, body }, nowMs());

/** Why a message is not papilio's own; undefined if it is. */
export const faultOfMessage = (
  seal: Seal,
  message: SealedMessage,
  given: string | undefined,
  nowMs: number,
): string | undefined => {
  if (given === undefined) return 'it has no seal';
  const [, at = '', mac = ''] = /^(\d{1,15})\.([\w-]{43})$/.exec(given) ?? [];
  if (!seal.holds(mac, ...saidIn(message, at))) return 'its seal is not of this message in this queue';
  if (Number(at) > nowMs + aheadMs) return 'its seal is of a time to come';
  return Number(at) < nowMs - oldestMs ? 'its seal is older than a queue keeps messages' : undefined;
};
