import { isPartRunning, logOf } from './part-process.ts';
import { answers } from './parts/emulator.ts';
import { isFree } from './parts/free-port.ts';
import { missingResources } from './resources.ts';
import { type PartPlan, portsOf, shapes } from './shape.ts';
import type { StackFile } from './stack-file.ts';

/**
 * How a part of a stack is. `up`: it runs and answers. `silent`: it runs and does not. `down`: it does not run.
 * `foreign`: it does not run, and somebody else has its port.
 */
export type PartState = 'up' | 'silent' | 'down' | 'foreign';

export type PartStatus = {
  readonly name: PartPlan['name'];
  readonly version: string;
  readonly state: PartState;
  readonly port: number;
  readonly pid?: number;
  readonly log: string;
};

export type StackStatus = {
  readonly folder: string;
  readonly kind: StackFile['kind'];
  readonly parts: readonly PartStatus[];
  /** What the stack should have and does not; undefined while a part is away that could say so. */
  readonly missing?: readonly string[];
};

/** How one part is, by its process and its port. */
export const statusOfPart = async (stack: StackFile, plan: PartPlan): Promise<PartStatus> => {
  const { name, version } = plan;
  const part = stack.parts.find((one) => one.name === name);
  const port = portsOf(stack).get(name) ?? 0;
  const about = { name, version: part?.version ?? version, port, log: logOf(stack.folder, name) };
  if (part === undefined || !(await isPartRunning(part)))
    return { ...about, state: (await isFree(port)) ? 'down' : 'foreign' };
  const state = (await answers(plan.program(stack), port)) ? 'up' : 'silent';
  return { ...about, state, pid: part.pid };
};

/** How a stack is: its parts, and, if all are up, what they lack. */
export const statusOf = async (stack: StackFile): Promise<StackStatus> => {
  const { folder, kind } = stack;
  const parts = await Promise.all(shapes[kind].map((plan) => statusOfPart(stack, plan)));
  if (parts.some(({ state }) => state !== 'up')) return { folder, kind, parts };
  return { folder, kind, parts, missing: await missingResources(stack) };
};

/** Whether nothing needs to be done. */
export const isWhole = ({ parts, missing }: StackStatus): boolean =>
  parts.every(({ state }) => state === 'up') && missing?.length === 0;

const meanings: Readonly<Record<PartState, string>> = {
  up: '',
  silent: ', runs but does not answer',
  down: ', does not run',
  foreign: ', does not run, and another process has its port',
};

/** A line for each part, and what is missing. */
export const inWords = (status: StackStatus): string => {
  const lines = status.parts.map(({ name, version, state, port, pid }) => {
    const process = pid === undefined ? '' : `, process ${pid}`;
    return `${name} ${version}: ${state}, 127.0.0.1:${port}${process}${meanings[state]}`;
  });
  const { missing } = status;
  if (missing === undefined) lines.push('what its parts keep was not looked at: not all of them are up');
  else if (missing.length > 0)
    lines.push(`missing: ${missing.join(', ')}`, 'what an emulator kept is gone with its process: npm run stack -- up');
  else lines.push('queues, state machines, tables and buckets are there');
  return lines.join('\n');
};
