import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { jsonOf } from '#lib/model/json';
import { hashOfToken, isHashOf } from '#lib/model/token-text';
import { readBody } from '../host/read-body.ts';
import { putObjectsIn } from './bucket-event.ts';
import { type BucketOfEvents, createTold, type Told } from './bucket-events-told.ts';

/** What the events of a bucket are taken with. */
export type BucketEventsOptions = BucketOfEvents & {
  /** The port on loopback to which MinIO posts; 0 is any. */
  readonly port: number;
  /** By which MinIO is known. */
  readonly token: string;
  /** How often the bucket is listed for what nobody told of, beside the start and after a failure. */
  readonly lookEveryMs?: number;
};

/** A receiver of a bucket's events that runs. */
export type BucketEvents = {
  readonly port: number;
  /** Resolves when all that was put before now is in the queue. */
  readonly caughtUp: () => Promise<void>;
  /** Takes nothing more, and ends what it is at. */
  readonly close: () => Promise<void>;
};

const usualLookEveryMs = 600_000;
const againAfterMs = 5_000;
const bodyMostBytes = 1_000_000;

/** Catches up now and then, one time after the other; soon again after a failure. */
const createRounds = (told: Told, { clock, lookEveryMs = usualLookEveryMs }: BucketEventsOptions) => {
  let tail: Promise<unknown> = Promise.resolve();
  let isClosed = false;
  let cancel = (): unknown => undefined;

  const nextIn = (ms: number): void => {
    cancel();
    if (!isClosed) cancel = clock.at(clock.nowMs() + ms, () => void round());
  };
  const caughtUp = (): Promise<void> => {
    const mine = tail.then(told.catchUp);
    tail = mine.catch(() => undefined);
    return mine;
  };
  const round = async (): Promise<void> => {
    try {
      await caughtUp();
      nextIn(lookEveryMs);
    } catch {
      // The queue or the bucket is away: what is missed stays missed until the next round, which tells of it.
      nextIn(againAfterMs);
    }
  };
  const close = async (): Promise<void> => {
    isClosed = true;
    cancel();
    await tail;
  };
  return { round, soon: () => nextIn(againAfterMs), caughtUp, close };
};

const answer = (response: ServerResponse, status: number): void => void response.writeHead(status).end();

/** What a post comes to, as a status: 200 only when all of it is in the queue. */
const statusOf = async (body: string | undefined, bucket: string, told: Told, missed: () => void): Promise<number> => {
  const objects = body === undefined ? undefined : putObjectsIn(jsonOf(body), bucket);
  if (objects === undefined) return 400;
  try {
    await told.send(objects);
    return 200;
  } catch {
    missed();
    return 503;
  }
};

/**
 * Takes what MinIO posts of a bucket into a queue, and lists what it did not: MinIO tells once, and not at all while it or
 * this is away. It listens before it lists, so that nothing falls between.
 */
export const startBucketEvents = async (options: BucketEventsOptions): Promise<BucketEvents> => {
  const { bucket, port, token } = options;
  const told = createTold(options);
  const rounds = createRounds(told, options);
  const tokenHash = hashOfToken(`Bearer ${token}`);
  const taking = new Set<Promise<void>>();

  const take = async (response: ServerResponse, body: string | undefined): Promise<void> =>
    answer(response, await statusOf(body, bucket, told, rounds.soon));

  const server = createServer((request: IncomingMessage, response) => {
    // MinIO asks whether somebody is there.
    if (request.method !== 'POST') return answer(response, 200);
    if (!isHashOf(request.headers.authorization ?? '', tokenHash)) return answer(response, 403);
    readBody(request, bodyMostBytes, ({ text }) => {
      const mine = take(response, text);
      taking.add(mine);
      void mine.finally(() => taking.delete(mine));
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  void rounds.round();

  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    caughtUp: rounds.caughtUp,
    close: async () => {
      server.close();
      server.closeIdleConnections();
      await Promise.all(taking);
      server.closeAllConnections();
      await rounds.close();
    },
  };
};
