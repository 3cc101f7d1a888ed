import { PapilioError } from '#lib/errors';
import { jsonOf } from '#lib/model/json';
import type { PlaneEngine } from '../../functions/api/surroundings.ts';
import { accounts, type Plane } from '../../functions/catalog.ts';
import { createRequestHandler, PeerAway } from '../engine/request-handler.ts';

/** A person waits. What an engine is asked here it answers from memory, or by reading one history again. */
const answerWithinMs = 8_000;

const engineOf = (plane: Plane): PlaneEngine => {
  const routes = { [accounts[plane]]: { socketPath: `${plane}/sock` } };
  const handler = createRequestHandler({ routes, defaultAccount: accounts[plane] });
  return async (operation, input) => {
    const call = { headers: { 'x-amz-target': `AWSStepFunctions.${operation}` }, body: JSON.stringify(input) };
    try {
      const { response } = await handler.handle(call, { requestTimeout: answerWithinMs });
      return { status: response.statusCode, body: jsonOf(Buffer.from(response.body).toString('utf8')) };
    } catch (error) {
      if (!(error instanceof PeerAway)) throw error;
      throw new PapilioError('plane-unavailable', `${plane} plane: ${error.message}`, error);
    }
  };
};

/** The engines of both planes over their sockets, `<plane>/sock` in the working directory. */
export const createPlaneEngines = (): Readonly<Record<Plane, PlaneEngine>> => ({
  archive: engineOf('archive'),
  work: engineOf('work'),
});
