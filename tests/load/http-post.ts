import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import type { BenchmarkOptions, Result } from './benchmark.ts';
import { median, rounded } from './figures.ts';
import { request } from './http-post-server.ts';

export const name = 'http-post';
export const about = 'CPU of a validated POST: papilio’s whole application against Fastify alone with the same schema';

const rounds = 15;
const requestsInRound = 6_000;
const connections = 8;

const Port = z.object({ port: z.int() });
const Cpu = z.object({ cpuUs: z.object({ user: z.number(), system: z.number() }) });

type Server = { readonly process: ChildProcess; readonly port: number };

const start = async (kind: 'bare' | 'papilio'): Promise<Server> => {
  const process = fork(fileURLToPath(new URL('http-post-server.ts', import.meta.url)), [kind]);
  const [told] = await once(process, 'message');
  return { process, port: Port.parse(told).port };
};

const cpuOf = async ({ process }: Server): Promise<number> => {
  const told = once(process, 'message');
  process.send('cpu');
  const { user, system } = Cpu.parse((await told)[0]).cpuUs;
  return user + system;
};

/** Asks again and again on one connection, each time when the answer before has come. */
const askOn = async (port: number, count: number): Promise<void> => {
  const socket = connect(port, '127.0.0.1');
  const bytes = request(port);
  let left = count;
  let heard = '';
  const done = new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      heard += chunk;
      if (!heard.endsWith('"isTaken":true}')) return;
      if (!heard.startsWith('HTTP/1.1 200')) reject(new Error(heard));
      heard = '';
      left -= 1;
      if (left === 0) resolve();
      else socket.write(bytes);
    });
  });
  socket.write(bytes);
  await done;
  socket.destroy();
};

/** CPU of the server for each request of a round, in microseconds. */
const round = async (server: Server, count: number): Promise<number> => {
  const before = await cpuOf(server);
  await Promise.all(Array.from({ length: connections }, () => askOn(server.port, Math.ceil(count / connections))));
  return ((await cpuOf(server)) - before) / count;
};

/** One round of each in turn, so that what else the machine does falls on both. */
export const run = async ({ scale, say }: BenchmarkOptions): Promise<Result> => {
  const servers = { bare: await start('bare'), papilio: await start('papilio') };
  const count = Math.max(500, Math.round(requestsInRound * scale));
  const found: { bare: number; papilio: number }[] = [];
  try {
    // The compiler needs its time with each.
    for (const server of Object.values(servers)) await round(server, count);
    say(`${rounds} rounds of ${count} requests to each`);
    for (let nth = 0; nth < rounds; nth++)
      found.push({ bare: await round(servers.bare, count), papilio: await round(servers.papilio, count) });
  } finally {
    for (const { process } of Object.values(servers)) process.kill();
  }
  const ratios = found.map(({ bare, papilio }) => papilio / bare);
  const of = (kind: 'bare' | 'papilio') => rounded(median(found.map((one) => one[kind])));
  const least = (kind: 'bare' | 'papilio') => rounded(Math.min(...found.map((one) => one[kind])));
  return {
    tables: {
      'CPU of the server for one request, median of the rounds': [
        { server: 'Fastify alone', µs: of('bare'), 'in the quietest round': least('bare'), times: 1 },
        {
          server: 'papilio',
          µs: of('papilio'),
          'in the quietest round': least('papilio'),
          times: rounded(median(ratios)),
        },
      ],
    },
    bars: [{ what: 'CPU against Fastify alone', measured: rounded(median(ratios)), unit: '×', atMost: 1.25 }],
    notes: [
      `ratios of the rounds from ${rounded(Math.min(...ratios))} to ${rounded(Math.max(...ratios))}`,
      'both validate and serialise with zod; papilio also asks who it is and what they may, counts, limits, and names the answer',
    ],
  };
};
