import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '#lib/system-clock';
import { openFunctionHost } from '../../local/host/host.ts';
import { openLambdaDoor } from '../../local/host/lambda/door.ts';
import { awsRuntimeClient, ownRuntimeClient, type RuntimeClient } from '../../local/host/runtime/runtime-client.ts';
import { aFolder } from '../builders/a-folder.ts';
import { aFunctionSpec, whereabouts } from '../builders/a-function-host.ts';
import type { BenchmarkOptions, Result, Row } from './benchmark.ts';
import { median, quantile, rounded } from './figures.ts';
import { clientOf, type Peer, startBare, startClientAlone } from './host-peers.ts';

export const name = 'host';
export const about = 'a warm invocation: the function host against bare node:http and against the runtime client alone';

const rounds = 7;
const callsInRound = 2_000;
const event = JSON.stringify({ run: 102_363, sequence: 7, filename: 'swf.102363.000007.stf' });

/** Asks so often, so many at once; every latency in ms. */
const askAll = async (peer: Peer, count: number, callers: number): Promise<readonly number[]> => {
  const latencies: number[] = [];
  const caller = async () => {
    for (let left = Math.ceil(count / callers); left > 0; left -= 1) {
      const askedMs = performance.now();
      await peer.ask(event);
      latencies.push(performance.now() - askedMs);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return latencies;
};

type Measured = { readonly perS: number; readonly p50Ms: number; readonly p99Ms: number };

const round = async (peer: Peer, count: number, callers: number): Promise<Measured> => {
  const beganMs = performance.now();
  const latencies = await askAll(peer, count, callers);
  const perS = (latencies.length / (performance.now() - beganMs)) * 1000;
  return { perS, p50Ms: median(latencies), p99Ms: quantile(latencies, 0.99) };
};

/** The host, its door and a client of it, all under one. */
const openHouse = async (folder: string, client: RuntimeClient, callers: number) => {
  const code = { name: 'behave', folder, handler: 'index.handler', sha256: '00', sizeBytes: 0 };
  const codes = new Map([['behave', code]]);
  const functions = [aFunctionSpec({ concurrency: callers })];
  const host = openFunctionHost({ clock: systemClock, codes, functions, whereabouts, client });
  const door = await openLambdaDoor({ runner: host, whereabouts, clock: systemClock, port: 0 });
  let count = 0;
  const runner: Peer = {
    ask: async (payload) => {
      count += 1;
      const outcome = await host.invoke({ name: 'behave', payload, requestId: `r-${count}` });
      if (outcome.kind !== 'answered') throw new Error(JSON.stringify(outcome));
    },
    close: async () => undefined,
  };
  const overHttp = clientOf(door.url, '/2015-03-31/functions/behave/invocations', callers);
  const close = async () => {
    await overHttp.close();
    await host.close();
    await door.close();
  };
  return { runner, overHttp, close };
};

type Contest = Readonly<Record<string, { readonly peer: Peer; readonly callers: number }>>;

/** A round of each in turn, so that what else the machine does falls on all of them. */
const contest = async (peers: Contest, count: number): Promise<ReadonlyMap<string, readonly Measured[]>> => {
  const found = new Map<string, Measured[]>(Object.keys(peers).map((who) => [who, []]));
  for (const { peer, callers } of Object.values(peers)) await askAll(peer, Math.ceil(count / 4), callers);
  for (let nth = 0; nth < rounds; nth += 1)
    for (const [who, { peer, callers }] of Object.entries(peers))
      found.get(who)?.push(await round(peer, count, callers));
  return found;
};

const many = 4;

export const run = async ({ scale, say }: BenchmarkOptions): Promise<Result> => {
  using folder = aFolder();
  const home = join(folder.path, 'code');
  mkdirSync(home);
  writeFileSync(join(home, 'index.mjs'), 'export const handler = async (event) => event;');
  const client = awsRuntimeClient() ?? ownRuntimeClient;
  const bare = await startBare(many);
  const alone = await startClientAlone(client, home);
  const house = await openHouse(home, client, many);
  const alonePeer = `${client.title} alone`;
  const count = Math.max(200, Math.round(callsInRound * scale));
  const peers: Contest = {
    'bare node:http': { peer: bare, callers: 1 },
    [alonePeer]: { peer: alone, callers: 1 },
    'host, in process': { peer: house.runner, callers: 1 },
    'host, Invoke API': { peer: house.overHttp, callers: 1 },
    [`bare node:http, ${many} callers`]: { peer: bare, callers: many },
    [`host, Invoke API, ${many} callers and instances`]: { peer: house.overHttp, callers: many },
  };
  try {
    say(`${rounds} rounds of ${count} calls to each of ${Object.keys(peers).length}`);
    return resultOf(await contest(peers, count), alonePeer);
  } finally {
    for (const peer of [bare, alone, house]) await peer.close();
  }
};

const resultOf = (found: ReadonlyMap<string, readonly Measured[]>, alone: string): Result => {
  const of = (who: string, field: keyof Measured) => median((found.get(who) ?? []).map((one) => one[field]));
  const rows: readonly Row[] = [...found.keys()].map((who) => ({
    who,
    'calls/s': rounded(of(who, 'perS')),
    'p50 ms': rounded(of(who, 'p50Ms')),
    'p99 ms': rounded(of(who, 'p99Ms')),
    '× bare': rounded(of(who, 'p50Ms') / of('bare node:http', 'p50Ms')),
    '× client alone': rounded(of(who, 'p50Ms') / of(alone, 'p50Ms')),
  }));
  const ratio = (who: string) => rounded(of(who, 'p50Ms') / of(alone, 'p50Ms'));
  return {
    tables: { 'one warm call': rows },
    bars: [
      { what: `host in process against ${alone}, p50`, measured: ratio('host, in process'), unit: '×', atMost: 2 },
      {
        what: `host over the Invoke API against ${alone}, p50`,
        measured: ratio('host, Invoke API'),
        unit: '×',
        atMost: 4,
      },
    ],
    notes: [
      'medians of rounds, each peer in turn; callers, door and host share one process, so with several callers it is their loop that is full',
      'the runtime client alone is fed by the least Runtime API that there can be: no log, no limits, no end of line between two events',
    ],
  };
};
