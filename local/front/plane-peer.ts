import { Agent, request } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import { Event } from '#schema/event';
import { PlaneReport } from '#schema/status';
import type { PlanePeer } from '../../functions/api/surroundings.ts';
import type { Plane } from '../../functions/catalog.ts';

const LogAnswer = z.object({ events: z.array(Event), head: z.int().min(0) });

/** A plane that is well answers at once; what it holds back on purpose is asked for with its own time. */
const patienceMs = 1_000;
/**
 * Before a question that waits for the next event: the first is told at once, those on its heels together. A plane that
 * answers each commit by itself has less left of the machine that both share.
 */
const gatherMs = 50;
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

type Call = {
  readonly plane: Plane;
  readonly path: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
};

const away = (plane: Plane, reason: string, cause?: unknown): PapilioError =>
  new PapilioError('plane-unavailable', `${plane} plane: ${reason}`, cause);

/** One GET over a plane's socket. */
const get = ({ plane, path, timeoutMs, signal }: Call): Promise<string> =>
  new Promise((resolve, reject) => {
    const late = AbortSignal.timeout(timeoutMs);
    const until = signal === undefined ? late : AbortSignal.any([late, signal]);
    // The socket's path stays short because it is relative: the system allows about 100 characters.
    const call = request({ agent, socketPath: `${plane}/sock`, path, signal: until }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', (error) => reject(away(plane, error.message, error)));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        if (response.statusCode === 200) resolve(text);
        else reject(away(plane, `${path} answered ${response.statusCode}`));
      });
    });
    call.on('error', (error) =>
      reject(away(plane, late.aborted ? `no answer in ${timeoutMs} ms` : error.message, error)),
    );
    call.end();
  });

const parse = <S extends z.ZodType>(plane: Plane, schema: S, text: string): z.output<S> => {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw away(plane, 'its answer cannot be read', error);
  }
};

/** A plane's log and report over its socket, `<plane>/sock` in the working directory. */
export const createPlanePeer = (plane: Plane, withinMs = patienceMs): PlanePeer => ({
  log: async (after, { limit, waitMs }, signal) => {
    if (waitMs > 0) await setTimeout(gatherMs, undefined, signal === undefined ? {} : { signal });
    const path = `/log?after=${after}&limit=${limit}&waitMs=${waitMs}`;
    return parse(plane, LogAnswer, await get({ plane, path, timeoutMs: waitMs + withinMs, signal }));
  },
  report: async () => parse(plane, PlaneReport, await get({ plane, path: '/status', timeoutMs: withinMs })),
});
