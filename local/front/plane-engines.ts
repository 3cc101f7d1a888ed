import { PapilioError } from '#lib/errors';
import { jsonOf } from '#lib/model/json';
import type { PlaneEngine } from '../../functions/api/surroundings.ts';
import { accounts, type Plane } from '../../functions/catalog.ts';
import { createRequestHandler, PeerAway } from '../engine/request-handler.ts';
import type { StackFile } from '../stack/stack-file.ts';

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

/** What emulators know an account and a service by: the scope of a signature, of which they check no more. */
const scopeOf = (account: string, region: string): string =>
  `AWS4-HMAC-SHA256 Credential=${account}/20260101/${region}/states/aws4_request, SignedHeaders=host, Signature=0`;

const stackEngineOf = ({ endpoints, region }: StackFile, plane: Plane): PlaneEngine => {
  const authorization = scopeOf(accounts[plane], region);
  return async (operation, input) => {
    try {
      const response = await fetch(endpoints.sfn, {
        method: 'POST',
        headers: {
          authorization,
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': `AWSStepFunctions.${operation}`,
        },
        body: JSON.stringify(input),
        signal: AbortSignal.timeout(answerWithinMs),
      });
      return { status: response.status, body: jsonOf(await response.text()) };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new PapilioError('plane-unavailable', `Step Functions of the stack at ${endpoints.sfn}: ${reason}`, error);
    }
  };
};

/** The Step Functions of a stack, asked under the account of each plane. */
export const createStackEngines = (stack: StackFile): Readonly<Record<Plane, PlaneEngine>> => ({
  archive: stackEngineOf(stack, 'archive'),
  work: stackEngineOf(stack, 'work'),
});
