import { PapilioError } from '#lib/errors';
import type { Log } from '#lib/log';
import type { Clock } from '#ports/clock';
import type { Principal } from '#schema/access';
import { type Account, accountOf } from '../accounts.ts';
import { createLiveClient, type LiveClient } from './client.ts';
import { every } from './every.ts';
import type { LivePolicy } from './policy.ts';

/** All who are connected: how many may be, and who of them takes nothing any more. */
export type Audience = {
  /** Lets one in. @throws live-clients-too-many, quota-exceeded */
  readonly admit: (principal: Principal, onGone: (client: LiveClient) => void) => LiveClient;
  /** How many streams a principal's account may have, and has. */
  readonly standingOf: (principal: Principal) => { readonly most: number; readonly used: number };
  /** Ends the streams that were opened with a token of papilio's own. */
  readonly endOf: (tokenId: string) => void;
  /** Ends everybody's stream after what is on its way; resolves when all are gone, or after a second. */
  readonly dismiss: () => Promise<void>;
};

type Member = Pick<Principal, 'id' | 'tokenId'> & { readonly account: string; stuckMs: number };

type AudienceOptions = { readonly clock: Clock; readonly log: Log; readonly policy: LivePolicy };

/** Makes an audience of nobody. */
export const createAudience = ({ clock, log, policy }: AudienceOptions): Audience => {
  const members = new Map<LiveClient, Member>();
  const whenEmpty = new Set<() => void>();

  const countOf = ({ key }: Account): number => [...members.values()].filter(({ account }) => account === key).length;
  const mostOf = (account: Account): number =>
    account.class === 'local' ? policy.clientsOfThisMachine : policy.clientsOfOne;

  const need = (account: Account): void => {
    if (members.size >= policy.clients)
      throw new PapilioError('live-clients-too-many', `live streams of this front: at most ${policy.clients}`);
    const most = mostOf(account);
    if (countOf(account) < most) return;
    throw new PapilioError('quota-exceeded', `${account.key}: live streams: at most ${most} at a time`);
  };

  /** A stream ends with the right to it; the client comes back with what it has then. */
  const endAt = (expiresAt: string | undefined, end: () => void): (() => void) =>
    expiresAt === undefined ? () => undefined : clock.at(Date.parse(expiresAt), end);

  const sweep = every(clock, policy.sweepMs, () => {
    for (const [client, member] of members) {
      member.stuckMs = client.isMoving() ? 0 : member.stuckMs + policy.sweepMs;
      if (member.stuckMs < policy.stallMs) continue;
      log.info(
        { principal: member.id, backlogBytes: client.backlogBytes() },
        'live client took nothing and was dropped',
      );
      client.drop();
    }
  });

  return {
    standingOf: (principal) => {
      const account = accountOf(principal);
      return { most: mostOf(account), used: countOf(account) };
    },
    admit: (principal, onGone) => {
      const account = accountOf(principal);
      need(account);
      const cancelEnd = endAt(principal.expiresAt, () => client.end());
      const client: LiveClient = createLiveClient(policy, () => {
        cancelEnd();
        members.delete(client);
        onGone(client);
        if (members.size > 0) return;
        sweep.stop();
        for (const done of whenEmpty) done();
      });
      sweep.start();
      members.set(client, { ...principal, account: account.key, stuckMs: 0 });
      return client;
    },
    endOf: (tokenId) => {
      for (const [client, member] of members) if (member.tokenId === tokenId) client.end();
    },
    dismiss: async () => {
      sweep.stop();
      for (const client of members.keys()) client.end();
      if (members.size === 0) return;
      await new Promise<void>((resolve) => {
        const cancel = clock.at(clock.nowMs() + 1_000, resolve);
        whenEmpty.add(() => {
          cancel();
          resolve();
        });
      });
    },
  };
};
