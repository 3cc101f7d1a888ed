import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { type Emulator, isGood, type Program, startEmulator } from './emulator.ts';
import { pathWith } from './part-home.ts';
import { must, pythonPart, run } from './python-part.ts';
import { pythonOf } from './python-path.ts';

/** Another emulator of AWS (MIT), to compare answers with; in no way an authority. */
export type Ministack = Pick<Emulator, 'url' | 'stop'> & {
  /** Calls an operation of Step Functions. */
  readonly call: (operation: string, input: object) => Promise<Record<string, unknown>>;
};

const version = '1.5.33';
/** Ministack as it is installed. */
export const ministackPart = pythonPart('ministack', version, [[`ministack==${version}`]]);
const startWithinMs = 60_000;

/** What both sides' functions do: `echo` gives its input back, `broken` fails. */
const SOURCE = `
class Broken(Exception):
    pass

def echo(event, context):
    return event

def broken(event, context):
    raise Broken("it broke")
`;

const Answer = z.record(z.string(), z.unknown());

const post = async (url: string, headers: Record<string, string>, body: object) => {
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
  return Answer.parse(JSON.parse(text || '{}'));
};

/** What emulators find a service by: the scope of a signature, which they do not check. */
export const signedFor = (service: string) => ({
  Authorization: `AWS4-HMAC-SHA256 Credential=111111111111/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});

const createFunctions = async (url: string, folder: string): Promise<void> => {
  writeFileSync(join(folder, 'index.py'), SOURCE);
  must(run(ministackPart.bin('python'), ['-m', 'zipfile', '-c', 'code.zip', 'index.py'], folder));
  const code = readFileSync(join(folder, 'code.zip')).toString('base64');
  for (const name of ['echo', 'broken']) {
    await post(
      `${url}/2015-03-31/functions`,
      { ...signedFor('lambda'), 'Content-Type': 'application/json' },
      {
        FunctionName: name,
        Runtime: 'python3.12',
        Role: 'arn:aws:iam::111111111111:role/r',
        Handler: `index.${name}`,
        Code: { ZipFile: code },
      },
    );
  }
};

/** How ministack is started. */
export type MinistackOptions = {
  /** Below 1 its waits are shorter than they say. */
  readonly waitScale?: number;
  /** Folder that says where functions are invoked, by account; without it they run in its own children. */
  readonly functionHosts?: string;
  /** What calls must be signed with; without it any call is taken. */
  readonly secret?: string | undefined;
};

/** Ministack as a program. */
export const ministackProgram = ({ waitScale = 1, functionHosts, secret }: MinistackOptions): Program => ({
  name: 'ministack',
  command: ministackPart.bin('python'),
  args: () => ['-m', functionHosts === undefined ? 'ministack' : 'papilio_ministack'],
  env: ({ folder, port }) => ({
    PATH: pathWith(dirname(ministackPart.bin('python'))),
    HOME: folder,
    TMPDIR: folder,
    BIND_HOST: '127.0.0.1',
    GATEWAY_PORT: String(port),
    MINISTACK_HOST: '127.0.0.1',
    LAMBDA_EXECUTOR: 'local',
    // The function host has limits of its own.
    LAMBDA_ACCOUNT_CONCURRENCY: '0',
    SFN_WAIT_SCALE: String(waitScale),
    ...(functionHosts !== undefined && pythonOf(functionHosts, secret)),
  }),
  path: '/_ministack/health',
  isThere: isGood,
  startWithinMs,
});

/** Starts it on a free port, with two functions; its waits take no time. */
export const startMinistack = async (): Promise<Ministack> => {
  const { url, folder, stop } = await startEmulator(ministackProgram({ waitScale: 0 }));
  await createFunctions(url, folder).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return {
    url,
    stop,
    call: (operation, input) =>
      post(
        url,
        {
          ...signedFor('states'),
          'Content-Type': 'application/x-amz-json-1.0',
          'X-Amz-Target': `AWSStepFunctions.${operation}`,
        },
        input,
      ),
  };
};
