import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, createServer, request, type ServerResponse } from 'node:http';
import { createInterface } from 'node:readline';
import type { RuntimeClient } from '../../local/host/runtime/runtime-client.ts';
import { onLoopback } from '../builders/on-loopback.ts';

/** Something that answers an event, such as a function behind a door; ended by `close`. */
export type Peer = { readonly ask: (event: string) => Promise<void>; readonly close: () => Promise<void> };

/** A client of one path, with as many connections as it has callers. */
export const clientOf = (url: string, path: string, connections: number): Peer => {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const { hostname, port } = new URL(url);
  const headers = { 'content-type': 'application/json' };
  const ask = (event: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const options = {
        hostname,
        port,
        path,
        method: 'POST',
        agent,
        headers: { ...headers, 'content-length': event.length },
      };
      const asked = request(options, (response) => {
        response.resume();
        response.on('end', () =>
          response.statusCode === 200 ? resolve() : reject(new Error(`${response.statusCode}`)),
        );
      });
      asked.on('error', reject);
      asked.end(event);
    });
  return { ask, close: async () => agent.destroy() };
};

const bareServer = `
const server = require('node:http').createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const text = JSON.stringify(JSON.parse(Buffer.concat(chunks).toString('utf8')));
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    response.end(text);
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

const ended = async (child: ChildProcess): Promise<void> => {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
};

/** A process with node:http and nothing else, which reads an event and gives it back. */
export const startBare = async (connections: number): Promise<Peer> => {
  const child = spawn(process.execPath, ['-e', bareServer], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface(child.stdout), 'line');
  const client = clientOf(`http://127.0.0.1:${line}`, '/', connections);
  return {
    ask: client.ask,
    close: async () => {
      await client.close();
      await ended(child);
    },
  };
};

/** A runtime client under the least Runtime API that there can be: no limits, no log, no door; one event at a time. */
export const startClientAlone = async (client: RuntimeClient, folder: string): Promise<Peer> => {
  let idle: ServerResponse | undefined;
  let onIdle: (() => void) | undefined;
  let onAnswer: (() => void) | undefined;
  const server = createServer({ keepAliveTimeout: 0 }, (asked, response) => {
    if (asked.method === 'GET') {
      idle = response;
      onIdle?.();
      return;
    }
    asked.resume();
    asked.on('end', () => {
      response.writeHead(202).end('{}');
      onAnswer?.();
    });
  });
  const { url, close } = await onLoopback(server);
  const env = {
    AWS_LAMBDA_RUNTIME_API: url.replace('http://', ''),
    LAMBDA_TASK_ROOT: folder,
    _HANDLER: 'index.handler',
    ...Object.fromEntries(
      ['FUNCTION_NAME', 'FUNCTION_VERSION', 'LOG_GROUP_NAME', 'LOG_STREAM_NAME'].map((name) => [
        `AWS_LAMBDA_${name}`,
        'x',
      ]),
    ),
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
  };
  const child = spawn(process.execPath, [client.path, 'index.handler'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ready = (): Promise<void> => (idle ? Promise.resolve() : new Promise((resolve) => (onIdle = resolve)));
  let count = 0;
  return {
    ask: async (event) => {
      await ready();
      const answered = new Promise<void>((resolve) => (onAnswer = resolve));
      count += 1;
      idle?.writeHead(200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(event),
        'Lambda-Runtime-Aws-Request-Id': `r-${count}`,
        'Lambda-Runtime-Deadline-Ms': String(Date.now() + 60_000),
        'Lambda-Runtime-Invoked-Function-Arn': 'arn:aws:lambda:us-east-1:000000000002:function:x',
        'Lambda-Runtime-Trace-Id': 'Root=1-0-0',
      });
      idle?.end(event);
      idle = undefined;
      await answered;
    },
    close: async () => {
      await ended(child);
      await close();
    },
  };
};
