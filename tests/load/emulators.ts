import { once } from 'node:events';
import { createConnection } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { localstackPart, startLocalstack } from '../../local/stack/parts/localstack.ts';
import { ministackPart, signedFor, startMinistack } from '../../local/stack/parts/ministack.ts';
import { aFolder } from '../builders/a-folder.ts';
import { spawnEngineProcess } from '../builders/an-engine-process.ts';
import type { Bar, BenchmarkOptions, Result, Row } from './benchmark.ts';
import { tenPasses } from './engine-inputs.ts';
import { rounded } from './figures.ts';

export const name = 'emulators';
export const about =
  '10-Pass executions over HTTP until they have ended: the engine’s command against emulators of AWS';

const inFlight = 20;
const atLeast = 50;

const Created = z.object({ stateMachineArn: z.string() });
const Started = z.object({ executionArn: z.string() });
const Described = z.object({ status: z.string() });

type Emulator = { readonly who: string; readonly url: string; readonly executions: number };

type Answer = { readonly status: number; readonly text: string };

/** A connection that asks one thing after the other, with as little of its own as can be: the client shares the cores. */
const connect = async (url: string) => {
  const { hostname, port, host } = new URL(url);
  const socket = createConnection({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, 'connect');
  let seen = '';
  let waiting: PromiseWithResolvers<Answer> | undefined;
  socket.setEncoding('latin1').on('data', (piece: string) => {
    seen += piece;
    const bodyAt = seen.indexOf('\r\n\r\n') + 4;
    if (bodyAt < 4) return;
    const head = seen.slice(0, bodyAt);
    const [, length = '0'] = /content-length: *(\d+)/i.exec(head) ?? [];
    if (seen.length < bodyAt + Number(length)) return;
    const text = seen.slice(bodyAt);
    seen = '';
    waiting?.resolve({ status: Number(head.slice(9, 12)), text });
  });
  socket.on('error', (error) => waiting?.reject(error));
  socket.on('close', () => waiting?.reject(new Error(`${url} has closed the connection`)));
  return {
    post: (headers: string, body: string): Promise<Answer> => {
      waiting = Promise.withResolvers<Answer>();
      socket.write(`POST / HTTP/1.1\r\nHost: ${host}\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`);
      return waiting.promise;
    },
    close: () => socket.destroy(),
  };
};
type Connection = Awaited<ReturnType<typeof connect>>;

const signature = signedFor('states').Authorization;

const caller =
  ({ post }: Connection) =>
  async <T>(schema: z.ZodType<T>, operation: string, input: object): Promise<T> => {
    const type = 'Content-Type: application/x-amz-json-1.0\r\n';
    const headers = `${type}X-Amz-Target: AWSStepFunctions.${operation}\r\nAuthorization: ${signature}\r\n`;
    const { status, text } = await post(headers, JSON.stringify(input));
    if (status !== 200) throw new Error(`${operation} answered ${status}: ${text.slice(0, 200)}`);
    return schema.parse(JSON.parse(text));
  };

/** Starts an execution and asks until it has succeeded. */
const runOne = async (call: ReturnType<typeof caller>, stateMachineArn: string, index: number): Promise<void> => {
  const { executionArn } = await call(Started, 'StartExecution', {
    stateMachineArn,
    input: JSON.stringify({ i: index }),
  });
  for (;;) {
    const { status } = await call(Described, 'DescribeExecution', { executionArn });
    if (status === 'SUCCEEDED') return;
    if (status !== 'RUNNING') throw new Error(`${executionArn} is ${status}`);
    await sleep(10);
  }
};

/** Executions a second, from their starts until each of them is told to have succeeded. */
const rateOf = async ({ url, executions }: Emulator, round: number): Promise<number> => {
  const connections = await Promise.all(Array.from({ length: inFlight }, () => connect(url)));
  const calls = connections.map(caller);
  const [first] = calls;
  if (first === undefined) throw new Error('nobody asks');
  const { stateMachineArn } = await first(Created, 'CreateStateMachine', {
    name: `passes-${round}`,
    definition: JSON.stringify(tenPasses),
    roleArn: 'arn:aws:iam::111111111111:role/none',
  });
  const startedMs = performance.now();
  let next = 0;
  const work = async (call: ReturnType<typeof caller>): Promise<void> => {
    while (next < executions) await runOne(call, stateMachineArn, next++);
  };
  try {
    await Promise.all(calls.map(work));
    return (executions / (performance.now() - startedMs)) * 1000;
  } finally {
    for (const { close } of connections) close();
  }
};

/** A round to warm up, then one that counts. */
const measured = async (emulator: Emulator, say: (line: string) => void): Promise<number> => {
  say(`${emulator.who}: ${emulator.executions} executions, twice`);
  await rateOf(emulator, 1);
  return rateOf(emulator, 2);
};

/** An emulator that can be had, or why not; each is started for its own rounds. */
const peers = [
  { who: 'ministack', part: ministackPart, start: startMinistack },
  {
    who: 'LocalStack',
    part: localstackPart,
    start: () => startLocalstack(['stepfunctions']),
  },
] as const;

const peerRate = async (
  { who, part, start }: (typeof peers)[number],
  executions: number,
  say: (line: string) => void,
): Promise<number> => {
  part.install();
  const { url, stop } = await start();
  try {
    return await measured({ who, url, executions }, say);
  } finally {
    await stop();
  }
};

/** Measures the engine, and the emulators that are there. */
export const run = async ({ scale, say }: BenchmarkOptions): Promise<Result> => {
  const theirs = Math.max(inFlight, Math.round(400 * scale));
  const rates: [string, number][] = [];
  const notes = ['each execution is a start and descriptions, 10 ms apart, until it has succeeded'];
  for (const peer of peers) {
    const why = peer.part.whyNot();
    if (why === undefined) rates.push([peer.who, await peerRate(peer, theirs, say)]);
    else notes.push(`${peer.who} was not measured: ${why}`);
  }
  using folder = aFolder();
  const engine = spawnEngineProcess({ folder: folder.path });
  try {
    const executions = Math.round(20_000 * scale);
    const ours = await measured({ who: 'papilio', url: await engine.ready, executions }, say);
    const all: [string, number][] = [['papilio', ours], ...rates];
    const rows = all.map(([who, rate]): Row => ({ who, 'in flight': inFlight, 'executions/s': rounded(rate) }));
    const bars = rates.map(([who, rate]): Bar => {
      const what = `executions a second over HTTP as a multiple of ${who}’s`;
      return { what, measured: rounded(ours / rate), unit: '×', atLeast };
    });
    return { tables: { 'ten Pass states over HTTP, started and described': rows }, bars, notes };
  } finally {
    await engine.kill();
  }
};
