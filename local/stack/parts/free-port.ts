import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below what systems give to outgoing connections (from 32768 on here, from 49152 elsewhere), above what services have. */
const [first, end] = [20_000, 32_768];
const mostTries = 100;

/** Whether nobody listens on a port of loopback. */
export const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });

/**
 * A port of loopback that is free now. No outgoing connection takes it meanwhile, so what listens there may end and
 * come back to it. @throws if a hundred in a row are taken
 */
export const freePort = async (): Promise<number> => {
  for (let tries = 0; tries < mostTries; tries++) {
    const port = randomInt(first, end);
    if (await isFree(port)) return port;
  }
  throw new Error(`of ${mostTries} ports between ${first} and ${end} none is free`);
};
