import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { onTestFinished } from 'vitest';
import { createSfnMachines } from '../../functions/adapters/machines/sfn.ts';
import { createSqsQueues } from '../../functions/adapters/queues/sqs.ts';
import { accounts, type Plane } from '../../functions/catalog.ts';
import { createRequestHandler, noSigning, type Route } from '../../local/engine/request-handler.ts';
import { serveEngine } from '../../local/engine/server.ts';
import { anEngine } from './an-engine.ts';
import { fakeClock } from './fake-clock.ts';
import { tornDisk } from './torn-disk.ts';

export const region = 'us-east-1';

/** AWS as one plane's clients reach it. */
export const awsThrough = (plane: Plane, route: Route) => {
  const requestHandler = createRequestHandler({
    routes: { [accounts[plane]]: route },
    defaultAccount: accounts[plane],
  });
  onTestFinished(() => requestHandler.destroy());
  return { ...noSigning, region, requestHandler };
};

/** The engine of a plane on a disk in memory, with the plane's adapters, in process or over a socket. */
export const aPlaneEngine = async (plane: Plane, way: 'in process' | 'over HTTP' = 'in process') => {
  const clock = fakeClock();
  const disk = tornDisk();
  for (const folder of ['.', 'plane']) await disk.makeFolder(folder);
  const engine = await anEngine({
    account: accounts[plane],
    region,
    clock,
    disk,
    folder: 'plane',
    queueBaseUrl: 'http://sqs.papilio',
  });
  const route = async (): Promise<Route> => {
    if (way === 'in process') return { call: engine.call };
    const server = await serveEngine({ call: engine.call, listen: { port: 0 } });
    onTestFinished(() => server.close());
    return { port: Number(new URL(server.address).port) };
  };
  const aws = awsThrough(plane, await route());
  const machines = createSfnMachines(aws, plane, region);
  return { engine, clock, aws, queues: createSqsQueues(aws, plane), machines };
};

/** A port of this machine at which nobody answers. */
export const nobodyListens = async (): Promise<Route> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return { port };
};

/** How a peer of a test behaves at one call: it hangs up, never answers, or answers. */
export type Behaviour = 'hangs up' | 'is silent' | { readonly status: number; readonly body: object };

/** A peer that behaves call by call as it is told, from then on as it was told last; says what it was asked. */
export const aPeer = async (...behaviours: readonly [Behaviour, ...Behaviour[]]) => {
  const asked: unknown[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      const behaviour = behaviours[Math.min(asked.length, behaviours.length - 1)];
      asked.push(JSON.parse(text));
      if (behaviour === 'hangs up') request.socket.destroy();
      else if (behaviour !== 'is silent' && behaviour !== undefined)
        response
          .writeHead(behaviour.status, { 'content-type': 'application/x-amz-json-1.0' })
          .end(JSON.stringify(behaviour.body));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { route: { port: portOf(server) }, asked };
};

const portOf = (server: Server): number => {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};
