import { onTestFinished } from 'vitest';
import { silentLog } from '#lib/log';
import { systemClock } from '#lib/system-clock';
import { createInProcessFunctions } from '../../functions/adapters/functions/in-process.ts';
import { createLambdaFunctions } from '../../functions/adapters/functions/lambda.ts';
import { createOpenFaasFunctions } from '../../functions/adapters/functions/openfaas.ts';
import { createReach } from '../../local/engine/http/reach.ts';
import { openLambdaDoor } from '../../local/host/lambda/door.ts';
import { createCallbacks } from '../../local/host/openfaas/callbacks.ts';
import { openGateway } from '../../local/host/openfaas/gateway.ts';
import { aMemoryHost, type Handler, usually } from '../builders/a-memory-host.ts';
import { functionsSuite, type OpenBackEnd } from './functions-suite.ts';

const patience = { clock: systemClock };
/** Tests listen on loopback, where no callback goes unless somebody opens it. */
const reach = createReach(['127.0.0.1']);

/** The one function that is slow is so by never ending. */
const neverEnding = (handlers: Readonly<Record<string, Handler>>) =>
  new Map(
    Object.entries(handlers).map(([name, handler]) =>
      name === 'slow'
        ? [name, { handler: () => new Promise(() => undefined), timeoutS: 0.02 }]
        : [name, { handler, timeoutS: 30 }],
    ),
  );

const openInProcess: OpenBackEnd = async (handlers, { outputs: objects }) => {
  const { post } = createCallbacks({ clock: systemClock, reach });
  const functions = async () => neverEnding(handlers);
  return {
    functions: createInProcessFunctions({ functions, clock: systemClock, tell: post }),
    ...{ objects, callbacks: 'posted' },
  };
};

const openLambda: OpenBackEnd = async (handlers, { outputs: objects }) => {
  const whereabouts = { region: 'us-east-1', account: '000000000002' };
  const door = await openLambdaDoor({ runner: aMemoryHost(handlers), whereabouts, clock: systemClock, port: 0 });
  onTestFinished(door.close);
  const credentials = { accessKeyId: whereabouts.account, secretAccessKey: 'papilio' };
  const aws = { endpoint: door.url, region: whereabouts.region, credentials };
  return {
    functions: createLambdaFunctions({ aws, objects, patience }),
    ...{ objects, callbacks: 'refused' },
  };
};

const openOpenFaas: OpenBackEnd = async (handlers, { outputs: objects }) => {
  const credentials = { user: 'admin', password: 'pass:word' };
  const gateway = await openGateway({
    ...{ host: aMemoryHost(handlers), clock: systemClock, log: silentLog, port: 0, credentials, reach },
    ...{ release: '0.1.0', usual: () => usually },
  });
  onTestFinished(gateway.close);
  const access = { gateway: gateway.url, credentials: async () => credentials, namespace: 'openfaas-fn' };
  return {
    functions: createOpenFaasFunctions({ ...access, objects, patience }),
    ...{ objects, callbacks: 'posted' },
  };
};

functionsSuite('in process', openInProcess);
functionsSuite('on Lambda', openLambda);
functionsSuite('behind OpenFaaS', openOpenFaas);
