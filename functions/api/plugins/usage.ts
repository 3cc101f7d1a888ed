import { randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { asPapilioError } from '#lib/errors';
import { makeId } from '#lib/model/ids';
import type { UsageFacts } from '#schema/usage';
import { hourOf } from '../../monitoring/usage-sum.ts';
import type { App, Surroundings } from '../surroundings.ts';
import { createUsageCounter, productOf } from '../usage-counter.ts';

/** Use is told so long after it began: what a front that falls has not told yet is lost. */
const tellEveryMs = 10_000;
/** Counts that one transaction of the store takes, with room. */
const batchSize = 90;
/** Batches that wait for a work plane that is away; of more, the oldest are lost. */
const mostBatches = 100;

/** What is answered to who may not, or asks too much. */
const refusals: ReadonlySet<number> = new Set([401, 403, 429]);

/** Where nobody known was refused is not kept apart: whoever may send requests could fill the store with it. */
const routeOf = ({ principal, routeOptions: { url } }: FastifyRequest, statusCode: number): string | undefined =>
  refusals.has(statusCode) && (principal?.kind ?? 'anonymous') === 'anonymous' ? undefined : url;

const wayOf = (request: FastifyRequest, { statusCode: status }: FastifyReply) => {
  const { principal, method, headers } = request;
  return {
    who: principal?.id ?? 'anonymous',
    ...(principal?.tokenId === undefined ? {} : { token: principal.tokenId }),
    client: productOf(headers['user-agent']),
    method,
    route: routeOf(request, status) ?? 'none',
    status,
  };
};

/**
 * Counts every request after it was answered, and tells the work plane in batches: nobody waits for it, and a batch that
 * is told twice counts once. @see 11.8
 */
export const addUsage = (app: App, { config, clock, log, note }: Surroundings): void => {
  const counter = createUsageCounter();
  const batches: UsageFacts[] = [];
  let cancel: (() => void) | undefined;

  const gather = (): void => {
    const counts = counter.take();
    for (let at = 0; at < counts.length; at += batchSize)
      batches.push({
        batch: makeId(config.PAPILIO_INSTANCE, 'batch', randomUUID()),
        counts: counts.slice(at, at + batchSize),
      });
    const lost = batches.splice(0, Math.max(0, batches.length - mostBatches));
    if (lost.length > 0) log.warn({ batches: lost.length }, 'usage lost: the work plane is away for long');
  };
  const tell = async (): Promise<void> => {
    cancel = undefined;
    gather();
    try {
      for (let next = batches[0]; next !== undefined; next = batches[0]) {
        await note('record-usage', next);
        batches.shift();
      }
    } catch (thrown) {
      log.info({ reason: asPapilioError(thrown).reason, batches: batches.length }, 'usage waits for the work plane');
    }
    if (batches.length > 0) soon();
  };
  const soon = (): void => {
    cancel ??= clock.at(clock.nowMs() + tellEveryMs, () => void tell());
  };
  app.addHook('onResponse', (request, reply, done) => {
    counter.count(wayOf(request, reply), hourOf(clock.nowMs()));
    soon();
    done();
  });
  app.addHook('onClose', async () => {
    cancel?.();
    await tell();
    cancel?.();
  });
};
