import { embedded } from '#lib/deps';
import type { Queues } from '#ports/queues';
import { accounts, type Plane } from '../../functions/catalog.ts';
import { createRequestHandler, noSigning } from '../engine/request-handler.ts';

/** The queues of both planes. */
export type PlaneQueues = Readonly<Record<Plane, Queues>>;

/** Sends to the queues of both planes over their sockets, `<plane>/sock` in the working directory. */
export const createPlaneQueues = async (region: string, answerWithinMs: number): Promise<PlaneQueues> => {
  const createQueues = await embedded.sqsQueues();
  const routes = {
    [accounts.archive]: { socketPath: 'archive/sock' },
    [accounts.work]: { socketPath: 'work/sock' },
  };
  const requestHandler = createRequestHandler({ routes, defaultAccount: accounts.work });
  const aws = { ...noSigning, region, requestHandler, maxAttempts: 1, answerWithinMs };
  return { archive: createQueues(aws, 'archive'), work: createQueues(aws, 'work') };
};
