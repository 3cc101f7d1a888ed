import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { plainEnvironment } from '../../builders/plain-environment.ts';
import { killHouse } from './processes.ts';

const main = fileURLToPath(new URL('../../../local/main.ts', import.meta.url));
/** How long an undisturbed start may take: a deadline against hanging, not a measurement. */
const patienceMs = 180_000;

/** What papilio is started with. */
export type Start = {
  readonly folder: string;
  readonly recording: string;
  /** Where payloads write down that they start and finish. */
  readonly tally: string;
  readonly speed: number;
  readonly stfMb: number;
};

/** A papilio that runs, and what it said last. */
export type Started = { readonly process: ChildProcess; readonly talk: () => string };

const talkMax = 4_000;

/** Starts papilio on a recording; the exit code comes when everything is played and nothing is in flight. */
export const startPapilio = ({ folder, recording, tally, speed, stfMb }: Start): Started => {
  const words = ['--data', folder, '--replay', recording, '--speed', String(speed), '--stf-size', String(stfMb)];
  const process = spawn(execPath, [main, ...words, '--exit', '--json', '--port', '0'], {
    env: { ...plainEnvironment, PAPILIO_PAYLOAD_TALLY: tally, PAPILIO_LOCAL_SLOTS: '2' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let talk = '';
  process.stderr.on('data', (bytes: Buffer) => {
    talk = (talk + bytes.toString()).slice(-talkMax);
  });
  return { process, talk: () => talk };
};

/** Waits until it has ended well. */
export const endOf = async ({ process, talk }: Started, title: string): Promise<void> => {
  const late = setTimeout(() => killHouse(process.pid ?? 0, true), patienceMs);
  const code: unknown = process.exitCode ?? (await once(process, 'exit'))[0];
  clearTimeout(late);
  if (code !== 0) throw new Error(`${title} ended with ${code}: ${talk()}`);
};
