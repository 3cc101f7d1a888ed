import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '#lib/system-clock';
import type { Clock } from '#ports/clock';
import type { FunctionCode } from '../../local/host/function-code.ts';
import { openFunctionHost } from '../../local/host/host.ts';
import type { HostLimits } from '../../local/host/limits.ts';
import type { FunctionHost, FunctionSpec, InvocationOutcome } from '../../local/host/runner.ts';
import { ownRuntimeClient, type RuntimeClient } from '../../local/host/runtime/runtime-client.ts';
import { aFolder } from './a-folder.ts';

/** A function that does what its event says, as tests need it. */
const behave = `
import { spawn } from 'node:child_process';
import { existsSync, watch } from 'node:fs';
import { writeSync } from 'node:fs';
let calls = 0;
const held = [];
const until = (path) => new Promise((resolve) => {
  const look = () => existsSync(path) && resolve(watcher.close());
  const watcher = watch(path.replace(/[/][^/]*$/, ''), look);
  look();
});
const acts = {
  echo: (event, context) => ({ event, ...context, leftMs: context.getRemainingTimeInMillis(), trace: process.env._X_AMZN_TRACE_ID, secret: process.env.SECRET, home: process.env.HOME }),
  count: () => ({ calls: (calls += 1), pid: process.pid }),
  throw: () => { throw new TypeError('no such detector'); },
  reject: () => Promise.reject(Object.assign(new Error('try again'), { name: 'Transient' })),
  exit: ({ code }) => process.exit(code),
  die: ({ signal }) => { process.kill(process.pid, signal); return new Promise(() => setInterval(() => {}, 1000)); },
  spin: () => { for (;;); },
  hold: async ({ path }) => { await until(path); return process.pid; },
  say: ({ lines }) => { for (const line of lines) console.log(line); return lines.length; },
  flood: () => { for (;;) writeSync(1, 'x'.repeat(1000) + '\\n'); },
  fork: ({ isDetached, thenSpin }) => {
    const child = spawn('sleep', ['1000'], { detached: isDetached, stdio: 'inherit' });
    child.unref();
    if (!thenSpin) return child.pid;
    console.log('child ' + child.pid);
    for (;;);
  },
  big: ({ sizeBytes }) => 'x'.repeat(sizeBytes - 2),
  hoard: ({ mb }) => { for (let n = 0; n < mb; n += 10) held.push(Buffer.alloc(10e6, 1)); return new Promise(() => setInterval(() => {}, 1000)); },
};
export const handler = async (event, context) => acts[event.act ?? 'echo'](event, context);
`;

/** Codes that do not load, each in its way. */
const broken = {
  throws: "throw new RangeError('cannot begin');",
  empty: 'export const other = 1;',
  endless: 'for (;;);',
};

const writeCode = (folder: string, name: string, text: string): [string, FunctionCode] => {
  const home = join(folder, name);
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'index.mjs'), text);
  return [name, { name, folder: home, handler: 'index.handler', sha256: 'ab'.repeat(32), sizeBytes: text.length }];
};

/** A deployed function; `behave` unless another code is named. */
export const aFunctionSpec = (over: Partial<FunctionSpec> = {}): FunctionSpec => ({
  name: 'behave',
  code: 'behave',
  memoryMb: 256,
  timeoutS: 30,
  concurrency: 4,
  environment: {},
  labels: {},
  annotations: {},
  ...over,
});

export type AHost = AsyncDisposable & {
  readonly host: FunctionHost;
  readonly folder: string;
  /** Calls a function with an event. */
  readonly call: (event: object, name?: string, requestId?: string) => Promise<InvocationOutcome>;
};

type Given = {
  readonly client?: RuntimeClient;
  readonly functions?: readonly FunctionSpec[];
  readonly limits?: Partial<HostLimits>;
  readonly clock?: Clock;
};

let lastRequest = 0;

/** The account and region that test hosts are in. */
export const whereabouts = { region: 'us-east-1', account: '000000000002' };

/** A host with functions of its own, which ends with its block: `await using given = aFunctionHost()`. */
export const aFunctionHost = ({
  client = ownRuntimeClient,
  functions = [aFunctionSpec()],
  limits = {},
  clock = systemClock,
}: Given = {}): AHost => {
  const folder = aFolder();
  const codes = new Map(
    Object.entries({ behave, ...broken }).map(([name, text]) => writeCode(folder.path, name, text)),
  );
  const host = openFunctionHost({ clock, codes, functions, whereabouts, limits, client });
  return {
    host,
    folder: folder.path,
    call: (event, name = 'behave', requestId) => {
      lastRequest += 1;
      return host.invoke({ name, payload: JSON.stringify(event), requestId: requestId ?? `call-${lastRequest}` });
    },
    [Symbol.asyncDispose]: async () => {
      await host.close();
      folder[Symbol.dispose]();
    },
  };
};

/** What a function answered, read as JSON. @throws if it did not answer */
export const answerIn = (outcome: InvocationOutcome): unknown => {
  if (outcome.kind === 'answered') return JSON.parse(outcome.payload);
  throw new Error(JSON.stringify(outcome));
};

/** What the caller of a function that failed is told. @throws if it did not fail */
export const failureIn = (outcome: InvocationOutcome): unknown => {
  if (outcome.kind === 'failed') return JSON.parse(outcome.payload);
  throw new Error(JSON.stringify(outcome));
};

/** The state letter of a process: `S`, `T` if it is stopped; undefined if it is gone. */
export const processState = (pid: number): string | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const state = stat.slice(stat.lastIndexOf(')') + 2).charAt(0);
    return state === 'Z' ? undefined : state;
  } catch {
    return undefined;
  }
};
