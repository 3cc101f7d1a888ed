import { Agent, type OutgoingHttpHeaders, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { aFolder } from '../builders/a-folder.ts';
import { spawnEngineProcess } from '../builders/an-engine-process.ts';
import { installMinistack, signedFor, startMinistack, whyNoMinistack } from '../parts/ministack.ts';
import type { Bar, BenchmarkOptions, Result, Row } from './benchmark.ts';
import { callAll } from './contestant.ts';
import { tenPasses } from './engine-inputs.ts';
import { rounded } from './figures.ts';

export const name = 'emulators';
export const about =
  '10-Pass executions over HTTP until they have ended: the engine’s command against emulators of AWS';

const inFlight = 20;
const atLeast = 50;
const variable = 'PAPILIO_BENCH_LOCALSTACK';

const Created = z.object({ stateMachineArn: z.string() });
const Started = z.object({ executionArn: z.string() });
const Described = z.object({ status: z.string() });

type Emulator = { readonly who: string; readonly url: string; readonly executions: number };

const agent = new Agent({ keepAlive: true });

/** Half as dear as fetch, whose cost would be most of what is measured. */
const post = (url: string, headers: OutgoingHttpHeaders, body: string) =>
  new Promise<{ readonly status: number | undefined; readonly text: string }>((resolve, reject) => {
    const call = request(url, { method: 'POST', agent, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('end', () => resolve({ status: answer.statusCode, text }));
    });
    call.on('error', reject).end(body);
  });

const caller =
  (url: string) =>
  async <T>(schema: z.ZodType<T>, operation: string, input: object): Promise<T> => {
    const headers = {
      'Content-Type': 'application/x-amz-json-1.0',
      'X-Amz-Target': `AWSStepFunctions.${operation}`,
      ...signedFor('states'),
    };
    const { status, text } = await post(url, headers, JSON.stringify(input));
    if (status !== 200) throw new Error(`${operation} at ${url} answered ${status}: ${text.slice(0, 200)}`);
    return schema.parse(JSON.parse(text));
  };

/** Executions a second, from their starts until each of them is told to have succeeded. */
const rateOf = async ({ who, url, executions }: Emulator, round: number): Promise<number> => {
  const call = caller(url);
  const { stateMachineArn } = await call(Created, 'CreateStateMachine', {
    name: `passes-${round}`,
    definition: JSON.stringify(tenPasses),
    roleArn: 'arn:aws:iam::111111111111:role/none',
  });
  const startedMs = performance.now();
  await callAll({ count: executions, inFlight }, async (index) => {
    const input = JSON.stringify({ i: index });
    const { executionArn } = await call(Started, 'StartExecution', { stateMachineArn, input });
    for (;;) {
      const { status } = await call(Described, 'DescribeExecution', { executionArn });
      if (status === 'SUCCEEDED') return;
      if (status !== 'RUNNING') throw new Error(`${executionArn} at ${who} is ${status}`);
      await sleep(10);
    }
  });
  return (executions / (performance.now() - startedMs)) * 1000;
};

/** A round to warm up, then one that counts. */
const measured = async (emulator: Emulator, say: (line: string) => void): Promise<number> => {
  say(`${emulator.who}: ${emulator.executions} executions, twice`);
  await rateOf(emulator, 1);
  return rateOf(emulator, 2);
};

const withMinistack = async (executions: number, say: (line: string) => void): Promise<number> => {
  installMinistack();
  const { url, stop } = await startMinistack();
  try {
    return await measured({ who: 'ministack', url, executions }, say);
  } finally {
    await stop();
  }
};

/** Measures the engine, and the emulators that are there. */
export const run = async ({ scale, say }: BenchmarkOptions): Promise<Result> => {
  const peers = Math.max(inFlight, Math.round(400 * scale));
  const rates: [string, number][] = [];
  const notes = ['each execution is a start and descriptions, 10 ms apart, until it has succeeded'];
  const why = whyNoMinistack();
  if (why === undefined) rates.push(['ministack', await withMinistack(peers, say)]);
  else notes.push(`ministack was not measured: ${why}`);
  const { [variable]: url } = process.env;
  if (url !== undefined) rates.push(['LocalStack', await measured({ who: 'LocalStack', url, executions: peers }, say)]);
  else notes.push(`LocalStack was not measured: ${variable} has no URL of one that runs`);
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
