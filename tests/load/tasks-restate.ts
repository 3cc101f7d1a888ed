import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { plainEnvironment } from '../builders/plain-environment.ts';
import { callAll, compete } from './contestant.ts';
import { loadFrom, pathFrom } from './peers.ts';

/**
 * Restate: its server, a service beside the caller in this process, calls over its ingress. The service runs ten durable
 * steps, or waits for somebody's answer.
 */
const [packages = '', folder = ''] = process.argv.slice(2);
const steps = 10;

type Context = {
  readonly run: (name: string, step: () => number) => Promise<number>;
  readonly awakeable: () => { readonly id: string; readonly promise: Promise<number> };
};
type Endpoint = { readonly bind: (service: unknown) => Endpoint; readonly listen: (port: number) => Promise<number> };
const isFunction = (value: unknown): boolean => typeof value === 'function';
const Sdk = z.object({
  service: z.custom<(definition: object) => unknown>(isFunction),
  endpoint: z.custom<() => Endpoint>(isFunction),
});

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
};

const agent = new Agent({ keepAlive: true, maxSockets: 256 });

/** Posts JSON and gives the answer; throws if it is no success. */
const post = (port: number, path: string, body: unknown): Promise<string> =>
  new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const call = request({ host: '127.0.0.1', port, path, method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        const isGood = (response.statusCode ?? 500) < 300;
        if (isGood) resolve(text);
        else reject(new Error(`${path} answered ${response.statusCode}: ${text}`));
      });
    });
    call.on('error', reject);
    call.end(JSON.stringify(body));
  });

const asked = new Map<number, (awakeable: string) => void>();

const serveSteps = async (): Promise<number> => {
  // As quiet as its server: a line for every call would be in its time.
  process.env.RESTATE_LOGGING = 'ERROR';
  const sdk = Sdk.parse(loadFrom(packages, '@restatedev/restate-sdk'));
  const run = async (ctx: Context, input: { readonly value: number }): Promise<number> => {
    let { value } = input;
    for (let step = 0; step < steps; step++) {
      const before = value;
      value = await ctx.run(`step ${step}`, () => before + 1);
    }
    return value;
  };
  const ask = async (ctx: Context, input: { readonly value: number }): Promise<number> => {
    const { id, promise } = ctx.awakeable();
    asked.get(input.value)?.(id);
    return promise;
  };
  const port = await freePort();
  await sdk
    .endpoint()
    .bind(sdk.service({ name: 'bench', handlers: { run, ask } }))
    .listen(port);
  return port;
};

const startServer = async () => {
  const [ingress, admin, node] = [await freePort(), await freePort(), await freePort()];
  const environment = {
    ...plainEnvironment,
    RESTATE_BASE_DIR: folder,
    RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
    RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
    RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
    RESTATE_LISTEN_MODE: 'tcp',
    RESTATE_DISABLE_TELEMETRY: 'true',
    // It asks GitHub whether there is a later release, and tells where there is no way out that there is none.
    RESTATE_LOG_FILTER: 'error,octocrab=off',
  };
  const { platform, arch } = process;
  const binary = pathFrom(packages, `@restatedev/restate-server-${platform}-${arch}/bin/restate-server`);
  const server = spawn(binary, ['--no-logo'], { env: environment, cwd: folder, stdio: ['ignore', 'ignore', 2] });
  process.on('exit', () => server.kill('SIGKILL'));
  return { ingress, admin, pid: server.pid ?? 0 };
};

/** Asks until the server is up, which takes a few seconds. */
const insist = async (ask: () => Promise<unknown>): Promise<void> => {
  for (let tries = 1; ; tries++) {
    try {
      await ask();
      return;
    } catch (error) {
      if (tries === 100) throw error;
      await delay(200);
    }
  }
};

/** CPU time of a process, as Linux counts it in ticks of 10 ms; 0 elsewhere. */
const cpuMsOf = (pid: number): number => {
  if (process.platform !== 'linux') return 0;
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
};

const service = await serveSteps();
const server = await startServer();
await insist(() => post(server.admin, '/deployments', { uri: `http://127.0.0.1:${service}` }));
await insist(() => post(server.ingress, '/bench/run', { value: 0 }));

/** From the call of ten steps to its answer. */
const timeSteps = async (): Promise<number> => {
  const calledMs = performance.now();
  const value = await post(server.ingress, '/bench/run', { value: 0 });
  if (Number(value) !== steps) throw new Error(`an execution ended with ${value}, not with ${steps}`);
  return performance.now() - calledMs;
};

let questions = 0;

/** From the answer to a question to what its caller is told. */
const timeCallback = async (): Promise<number> => {
  const i = questions++;
  const id = new Promise<string>((resolve) => asked.set(i, resolve));
  const told = post(server.ingress, '/bench/ask', { value: i }).then((value) => ({ value, atMs: performance.now() }));
  const path = `/restate/awakeables/${await id}/resolve`;
  const answeredMs = performance.now();
  const [{ value, atMs }] = await Promise.all([told, post(server.ingress, path, i)]);
  asked.delete(i);
  if (Number(value) !== i) throw new Error(`question ${i} was answered with ${value}`);
  return atMs - answeredMs;
};

compete(
  async (order) => {
    const spansMs: number[] = [];
    const time = order.kind === 'callback' ? timeCallback : timeSteps;
    await callAll(order, async () => {
      spansMs.push(await time());
    });
    return { spansMs };
  },
  () => cpuMsOf(server.pid),
);
