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
