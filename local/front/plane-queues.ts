import { embedded } from '#lib/deps';
import type { Queues } from '#ports/queues';
import { accounts, type Plane } from '../../functions/catalog.ts';
import { createRequestHandler, noSigning } from '../engine/request-handler.ts';

/** A person waits: a plane that does not take a command in this time is away. */
const answerWithinMs = 1_500;

/** Sends to the queues of both planes over their sockets, `<plane>/sock` in the working directory. */
export const createPlaneQueues = async (region: string): Promise<Readonly<Record<Plane, Queues>>> => {
  const createQueues = await embedded.sqsQueues();
  const routes = {
    [accounts.archive]: { socketPath: 'archive/sock' },
    [accounts.work]: { socketPath: 'work/sock' },
  };
  const requestHandler = createRequestHandler({ routes, defaultAccount: accounts.work });
  const aws = { ...noSigning, region, requestHandler, maxAttempts: 1, answerWithinMs };
  return { archive: createQueues(aws, 'archive'), work: createQueues(aws, 'work') };
};
