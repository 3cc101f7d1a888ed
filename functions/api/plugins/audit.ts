import type { FastifyRequest } from 'fastify';
import { asPapilioError } from '#lib/errors';
import { makeId } from '#lib/model/ids';
import type { AccessFacts, AuditLine } from '#schema/audit';
import { isPolicyName, type PolicyName, policyOf } from '../../access/policies.ts';
import { refusalsEveryMs, usesEveryMs } from '../../access/policy.ts';
import { createRefusals } from '../../access/refusals.ts';
import type { Seen } from '../machine-tokens.ts';
import { originOf } from '../origin.ts';
import type { App, Surroundings } from '../surroundings.ts';

/** What was done without a plane's command, and what came of it. */
export type Act = Pick<AuditLine, 'by' | 'action' | 'subject' | 'why'> & {
  readonly before?: AuditLine['before'];
  readonly after?: AuditLine['after'];
  /** Why it could not be done. */
  readonly failure?: unknown;
};

/** Writes acts down that no plane writes down. */
export type Audit = { readonly note: (request: FastifyRequest, act: Act) => void };

declare module 'fastify' {
  interface FastifyInstance {
    audit: Audit;
  }
}

/** The act that a request is, if it is one. */
const actOf = ({ routeOptions: { config } }: FastifyRequest): PolicyName | undefined =>
  config.policy !== undefined && isPolicyName(config.policy) && !policyOf(config.policy).isRead
    ? config.policy
    : undefined;

const typedIn = ({ params, url }: FastifyRequest): string => {
  const [first] = typeof params === 'object' && params !== null ? Object.values(params) : [];
  return (typeof first === 'string' ? first : url).slice(0, 160);
};

/**
 * Has the work plane write down what it does not see: acts that the front refuses or does itself, and when tokens are
 * used. Nothing waits for it: lines are gathered, told together, and told again while the plane is away. @see 14.2
 */
export const addAudit = (app: App, surroundings: Surroundings, seen: Seen): void => {
  const { config, clock } = surroundings;
  const now = () => new Date(clock.nowMs()).toISOString();
  const idOf = (name: string) => makeId(config.PAPILIO_INSTANCE, 'audit', name);
  const overflowOf = ({ at }: AuditLine): AuditLine => ({
    ...{ id: idOf(`more-${at}`), at, by: 'papilio', action: 'audit.gather', subject: 'audit', count: 1 },
    ...{ outcome: 'denied', plane: 'front', why: 'so many acts were refused that only their number is kept' },
  });
  const refusals = createRefusals(overflowOf);
  const teller = createTeller(surroundings, refusals, seen);

  const note = (request: FastifyRequest, { failure, ...act }: Act, outcome?: AuditLine['outcome']): void => {
    const error = failure === undefined ? undefined : asPapilioError(failure);
    refusals.add({
      ...{ id: idOf(request.id), at: now(), count: 1, plane: 'front', from: originOf(request), ...act },
      outcome: outcome ?? (error ? 'refused' : 'done'),
      ...(error && { problem: { code: error.code, reason: error.reason.slice(0, 500) } }),
    });
    teller.within(refusalsEveryMs);
  };
  app.decorate('audit', { note });
  app.addHook('onError', async (request, _reply, failure) => {
    const action = actOf(request);
    if (action === undefined || asPapilioError(failure).kind !== 'Denied') return;
    note(request, { by: request.principal.id, action, subject: typedIn(request), failure }, 'denied');
  });
  app.addHook('onResponse', async ({ principal }) => {
    if (principal?.tokenId !== undefined && seen.isUntold()) teller.within(usesEveryMs);
  });
  app.addHook('onClose', () => teller.end());
};

type Teller = {
  /** Tells what there is in that time, or before. */
  readonly within: (ms: number) => void;
  /** Tells what there is now, and nothing later. */
  readonly end: () => Promise<void>;
};

const createTeller = (
  { clock, log, note }: Surroundings,
  refusals: ReturnType<typeof createRefusals>,
  seen: Seen,
): Teller => {
  let next: { readonly atMs: number; readonly cancel: () => void } | undefined;
  const send = (facts: AccessFacts) => note('record-access', facts);
  const tell = async (): Promise<void> => {
    next = undefined;
    const lines = refusals.take();
    const uses = seen.take();
    try {
      if (lines.length > 0) await send({ kind: 'audit', lines });
      lines.length = 0;
      for (let at = 0; at < uses.length; at += 1000) await send({ kind: 'uses', uses: uses.slice(at, at + 1000) });
    } catch (thrown) {
      refusals.putBack(lines);
      seen.putBack(uses);
      log.info({ reason: asPapilioError(thrown).reason, lines: lines.length }, 'audit waits for the work plane');
      within(refusalsEveryMs);
    }
  };
  const within = (ms: number): void => {
    const atMs = clock.nowMs() + ms;
    if (next !== undefined && next.atMs <= atMs) return;
    next?.cancel();
    next = { atMs, cancel: clock.at(atMs, () => void tell()) };
  };
  const end = async (): Promise<void> => {
    await tell();
    next?.cancel();
  };
  return { within, end };
};
