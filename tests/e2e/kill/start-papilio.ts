import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
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

/** Starts papilio on a recording; the exit code comes when everything is played and nothing is in flight. */
export const startPapilio = ({ folder, recording, tally, speed, stfMb }: Start): ChildProcess => {
  const words = ['--data', folder, '--replay', recording, '--speed', String(speed), '--stf-size', String(stfMb)];
  return spawn(process.execPath, [main, ...words, '--exit', '--json', '--port', '0'], {
    env: { PATH: process.env.PATH, PAPILIO_PAYLOAD_TALLY: tally, PAPILIO_LOCAL_SLOTS: '2' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
};

/** Waits until it has ended well. */
export const endOf = async (house: ChildProcess, title: string): Promise<void> => {
  let talk = '';
  house.stderr?.on('data', (bytes: Buffer) => {
    talk = (talk + bytes.toString()).slice(-4000);
  });
  const late = setTimeout(() => killHouse(house.pid ?? 0, true), patienceMs);
  const code: unknown = house.exitCode ?? (await once(house, 'exit'))[0];
  clearTimeout(late);
  if (code !== 0) throw new Error(`${title} ended with ${code}: ${talk}`);
};
