import type { CallService } from '../../stepfunctions/host.ts';
import type { InvokeFunction } from '../part.ts';
import type { Call } from '../protocol.ts';
import { type Endpoints, endpointConfig, endpointName } from './endpoints.ts';
import { lambdaSdk } from './lambda.ts';
import { callSdk } from './sdk-call.ts';
import { isSdkService, openSdk, type SdkService } from './sdk-clients.ts';
import { namedStarts } from './step-functions.ts';
import { thisEngine } from './this-engine.ts';

/** The engine that has services done. */
export type AskingEngine = {
  readonly account: string;
  readonly region: string;
  /** Its own operations, and those of its peers by the account that a call addresses. */
  readonly call: Call;
  readonly invoke: InvokeFunction;
};

/** Services beside those of endpoints: local forms of S3, SNS and EventBridge, HTTP. */
export type LocalServices = (engine: AskingEngine) => Readonly<Record<string, CallService>>;

/** No endpoint, and nothing local. AWS's own is never called unless its URL is given. */
export const noServices: CallService = async ({ service }) => ({
  ok: false,
  error: 'SdkClientException',
  cause: `No endpoint is known for ${service}. Start the engine with ${endpointName(service)}, or AWS_ENDPOINT_URL, set to its URL.`,
});

/**
 * Has actions of services done: in this engine; where the environment says that the service is; by a local form of it; or
 * where the environment says that all services are.
 */
export const createIntegrations = (
  endpoints: Endpoints,
  engine: AskingEngine,
  local: LocalServices = () => ({}),
): CallService => {
  const own = (service: SdkService) => callSdk(() => openSdk(service, thisEngine(engine.call, engine.region)));
  const fixed = new Map<string, CallService>([
    ['sqs', own('sqs')],
    ['sfn', namedStarts(own('sfn'))],
    ['lambda', lambdaSdk(engine.invoke)],
  ]);
  const locals = new Map(Object.entries(local(engine)));
  const at = (service: string, url: string | undefined): CallService | undefined =>
    url === undefined || !isSdkService(service)
      ? undefined
      : callSdk(() => openSdk(service, endpointConfig(url, endpoints, engine.region)));
  const find = (service: string): CallService =>
    at(service, isSdkService(service) ? endpoints.urls?.[service] : undefined) ??
    locals.get(service) ??
    at(service, endpoints.url) ??
    noServices;
  return (request) => {
    const { service } = request;
    const call = fixed.get(service) ?? find(service);
    fixed.set(service, call);
    return call(request);
  };
};
