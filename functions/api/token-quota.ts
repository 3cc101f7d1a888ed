import type { FastifyReply } from 'fastify';
import { PapilioError } from '#lib/errors';
import { tokens } from '#lib/records';
import type { Principal } from '#schema/access';
import { decide } from '../access/decide.ts';
import { stateOf } from '../access/token-grant.ts';
import { accountOf } from './accounts.ts';
import type { Limits } from './limits.ts';
import type { QuotaSource } from './plugins/bounds.ts';
import { sayRetryAfter } from './plugins/rate-limit.ts';
import { createCounter } from './quota.ts';
import type { Surroundings } from './surroundings.ts';

/** How many tokens one maker may make. */
export type TokenQuota = {
  /** Takes one. @throws rate-exceeded, quota-exceeded */
  readonly take: (principal: Principal, reply: FastifyReply) => Promise<void>;
  readonly sources: readonly QuotaSource[];
};

const page = 500;
/** Tokens of one maker that are looked through, the latest first: more than are made of a bound number in a month. */
const mostLookedAt = 20 * page;
/** Tokens end by days, or are revoked by a person. */
const endsRarelyMs = 3_600_000;

/** Whoever may make tokens of every role is bound by nothing but their own sense. */
const isFree = ({ roles }: Principal): boolean => roles.includes('admin');

type Needs = Pick<Surroundings, 'records' | 'clock'>;

/** Tokens of somebody that hold now, counted up to `enough`. */
const aliveOf = async (owner: string, enough: number, { records, clock }: Needs): Promise<number> => {
  const { store } = await records('work');
  let alive = 0;
  let cursor: string | undefined;
  for (let looked = 0; looked < mostLookedAt; looked += page) {
    const asked = { limit: page, newestFirst: true, ...(cursor !== undefined && { cursor }) };
    const found = await tokens.list(store, 'i2', `tokens-of#${owner}`, asked);
    alive += found.items.filter(({ doc }) => stateOf(doc, clock.nowMs()) === 'active').length;
    cursor = found.next;
    if (cursor === undefined || alive >= enough) break;
  }
  return Math.min(alive, enough);
};

/** Bounds how many tokens one maker makes in an hour, and has at a time. Only what is made anew is counted. */
export const createTokenQuota = (needs: Needs, { tokensAlive: most, tokensMade }: Limits): TokenQuota => {
  const counter = createCounter();
  const { requests, windowS } = tokensMade;
  return {
    take: async (principal, reply) => {
      if (isFree(principal)) return;
      if ((await aliveOf(principal.id, most, needs)) >= most) {
        sayRetryAfter(reply, { nextInMs: endsRarelyMs });
        throw new PapilioError('quota-exceeded', `${principal.id}: tokens that hold: at most ${most} at a time`);
      }
      const standing = counter.take(accountOf(principal).key, tokensMade, needs.clock.nowMs());
      if (standing.isAllowed) return;
      sayRetryAfter(reply, standing);
      throw new PapilioError(
        'rate-exceeded',
        `tokens made by ${principal.id}: ${requests} in ${windowS} s are used up`,
      );
    },
    sources: [
      async (principal) => {
        if (isFree(principal) || !mayMake(principal)) return undefined;
        // Who somebody is can be said without the work plane.
        const used = await aliveOf(principal.id, most, needs).catch(() => undefined);
        return used === undefined ? undefined : { name: 'tokensAlive', most, used };
      },
      (principal) => {
        if (isFree(principal) || !mayMake(principal)) return undefined;
        const { remaining } = counter.look(accountOf(principal).key, tokensMade, needs.clock.nowMs());
        return { name: 'tokensMade', most: requests, used: requests - remaining, windowS };
      },
    ],
  };
};

const mayMake = (principal: Principal): boolean => decide(principal, 'token.create').isAllowed;
