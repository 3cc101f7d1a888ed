import type { FastifyRequest } from 'fastify';
import type { ErrorKind } from '#lib/error-rows';
import { asPapilioError } from '#lib/errors';
import { makeId } from '#lib/model/ids';
import type { AccessFacts, AuditLine } from '#schema/audit';
import { isPolicyName, type PolicyName, policyOf } from '../../access/policies.ts';
import { lineEveryMs, refusalsEveryMs, usesEveryMs } from '../../access/policy.ts';
import { createRefusals } from '../../access/refusals.ts';
import type { Seen } from '../machine-tokens.ts';
import { originOf } from '../origin.ts';
import type { App, Surroundings } from '../surroundings.ts';

/** What is done without a plane's command: by whom, to what, why, and how the thing was before. */
export type Act = Pick<AuditLine, 'by' | 'action' | 'subject' | 'why' | 'before'>;

/** Writes acts down that no plane writes down. */
export type Audit = {
  /** Does something; that it was begun is told before, how it ended before it is answered. `afterOf` says how the thing is then. */
  readonly around: <T>(
    request: FastifyRequest,
    act: Act,
    run: () => Promise<T>,
    afterOf: (result: T) => NonNullable<AuditLine['after']>,
  ) => Promise<T>;
};

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

  const lineOf = (request: FastifyRequest, act: Act, outcome: AuditLine['outcome']): AuditLine => ({
    ...{ id: idOf(request.id), at: now(), count: 1, plane: 'front', from: originOf(request), outcome },
    ...act,
  });
  const problemOf = (failure: unknown) => {
    const { code, reason } = asPapilioError(failure);
    return { problem: { code, reason: reason.slice(0, 500) } };
  };
  const gather = (line: AuditLine): void => {
    refusals.add(line);
    teller.within(refusalsEveryMs);
  };
  const around: Audit['around'] = async (request, act, run, afterOf) => {
    await teller.now(lineOf(request, act, 'begun'));
    try {
      const result = await run();
      await teller.now({ ...lineOf(request, act, 'done'), after: afterOf(result) });
      return result;
    } catch (failure) {
      const isKnown = !maybeDone.has(asPapilioError(failure).kind);
      if (isKnown) await teller.now({ ...lineOf(request, act, 'refused'), ...problemOf(failure) });
      throw failure;
    }
  };
  app.decorate('audit', { around });
  app.addHook('onError', async (request, _reply, failure) => {
    const action = actOf(request);
    if (action === undefined || asPapilioError(failure).kind !== 'Denied') return;
    const act = { by: request.principal.id, action, subject: typedIn(request) };
    gather({ ...lineOf(request, act, 'denied'), ...problemOf(failure) });
  });
  app.addHook('onResponse', ({ principal }, _reply, done) => {
    if (principal?.tokenId !== undefined && seen.isUntold()) teller.within(usesEveryMs);
    done();
  });
  app.addHook('onClose', () => teller.end());
};

/** Lines of one letter to the work plane. */
const linesAtOnce = 200;
/** Who was asked may have done it all the same. */
const maybeDone: ReadonlySet<ErrorKind> = new Set(['Transient', 'Bug']);

type Teller = {
  /** Tells one line at once; while the work plane is away it is gathered like the others. */
  readonly now: (line: AuditLine) => Promise<void>;
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
  /** Until when the next ones are gathered at least: who floods the log with refusals writes little. */
  let quietUntilMs = 0;
  let next: { readonly atMs: number; readonly cancel: () => void } | undefined;
  const send = (facts: AccessFacts) => note('record-access', facts);
  const tell = async (): Promise<void> => {
    next = undefined;
    const lines = refusals.take();
    const uses = seen.take();
    quietUntilMs = clock.nowMs() + lines.length * lineEveryMs;
    try {
      for (; lines.length > 0; lines.splice(0, linesAtOnce))
        await send({ kind: 'audit', lines: lines.slice(0, linesAtOnce) });
      for (let at = 0; at < uses.length; at += 1000) await send({ kind: 'uses', uses: uses.slice(at, at + 1000) });
    } catch (thrown) {
      refusals.putBack(lines);
      seen.putBack(uses);
      log.info({ reason: asPapilioError(thrown).reason, lines: lines.length }, 'audit waits for the work plane');
      within(refusalsEveryMs);
    }
  };
  const now = async (line: AuditLine): Promise<void> => {
    try {
      await send({ kind: 'audit', lines: [line] });
    } catch (thrown) {
      log.info({ reason: asPapilioError(thrown).reason, lines: 1 }, 'audit waits for the work plane');
      refusals.add(line);
      within(refusalsEveryMs);
    }
  };
  const within = (ms: number): void => {
    const atMs = Math.max(clock.nowMs() + ms, quietUntilMs);
    if (next !== undefined && next.atMs <= atMs) return;
    next?.cancel();
    next = { atMs, cancel: clock.at(atMs, () => void tell()) };
  };
  const end = async (): Promise<void> => {
    await tell();
    next?.cancel();
  };
  return { now, within, end };
};
