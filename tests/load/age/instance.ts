import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { type House, startHouse } from '../../../local/supervisor/house.ts';
import { plainEnvironment } from '../../builders/plain-environment.ts';
import { ask } from './ask.ts';

const Front = z.object({ url: z.url() });

/** Papilio on a folder, with how long it took until it listened and until it was ready. */
export type StartedInstance = {
  readonly house: House;
  readonly port: number;
  readonly listensMs: number;
  readonly readyMs: number;
  /** Longest answer of the front to a request that needs no data, asked all the time until it was ready. */
  readonly longestPauseMs: number;
};

const portOf = (folder: string): number =>
  Number(new URL(Front.parse(JSON.parse(readFileSync(join(folder, 'front.json'), 'utf8'))).url).port);

/** Starts papilio on a folder and resolves when it is ready. */
export const startOn = async (folder: string): Promise<StartedInstance> => {
  const beganMs = performance.now();
  const house = await startHouse({ folder, port: 0, environment: { ...plainEnvironment, PAPILIO_LOG_LEVEL: 'warn' } });
  const listensMs = performance.now() - beganMs;
  const port = portOf(folder);
  const agent = new Agent({ keepAlive: true });
  let longestPauseMs = 0;
  for (;;) {
    const { tookMs } = await ask(agent, port, '/v1/nothing');
    longestPauseMs = Math.max(longestPauseMs, tookMs);
    const { status } = await ask(agent, port, '/v1/ready');
    if (status === 200) break;
    await delay(20);
  }
  agent.destroy();
  return { house, port, listensMs, readyMs: performance.now() - beganMs, longestPauseMs };
};

/** Resident memory of a process now. */
export const residentMbOf = (pid: number | undefined): number => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1000;
};
