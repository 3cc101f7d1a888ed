import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type Reply, say } from './web.ts';

/** What a function's context and log take for a name. */
const callIdText = /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$/;

/** The id of a call: its caller's, so that a repeat is known, or a new one; undefined for one that is none. */
export const callIdOf = ({ headers }: { readonly headers: IncomingHttpHeaders }): string | undefined => {
  const given = headers['x-call-id'];
  if (given === undefined) return randomUUID();
  return typeof given === 'string' && callIdText.test(given) ? given : undefined;
};

/** What the caller is told of an id that is none. */
export const badCallId = (): Reply => say(400, 'X-Call-Id has letters, digits and -_.: and at most 128 of them');
