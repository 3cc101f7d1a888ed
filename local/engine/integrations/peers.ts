import type { Call } from '../protocol.ts';

/** Asks the engine of another account. */
export type AskPeer = (account: string, ...call: Parameters<Call>) => Promise<object>;

const addressed = /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):|^https?:\/\/[^/]+\/(\d{12})\/[^/]+$/;

/** The account that a call addresses by an ARN or a queue's URL, if it does. */
const addressee = (input: unknown): string | undefined => {
  if (typeof input !== 'object' || input === null) return undefined;
  for (const value of Object.values(input)) {
    const [, ofArn, ofQueue] = (typeof value === 'string' && addressed.exec(value)) || [];
    if (ofArn !== undefined || ofQueue !== undefined) return ofArn ?? ofQueue;
  }
  return undefined;
};

/** An engine's calls, with those for another account going to its peer. */
export const withPeers =
  (call: Call, account: string, peer: AskPeer | undefined): Call =>
  (service, operation, input, signal) => {
    const owner = addressee(input);
    if (owner === undefined || owner === account || peer === undefined) return call(service, operation, input, signal);
    return peer(owner, service, operation, input, signal);
  };
