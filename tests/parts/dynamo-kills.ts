import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { TableNames } from '../../functions/adapters/store/dynamo-tables.ts';
import { aRandom } from '../builders/random.ts';
import type { OpenStore } from '../contract/store-suite.ts';

const writerPath = fileURLToPath(new URL('../builders/dynamo-writer.ts', import.meta.url));

/** Starts a process that writes, kills it after `lines` acknowledgements, and returns all that it printed. */
const killAfter = async (url: string, tables: TableNames, round: number, lines: number): Promise<string[]> => {
  const args = [writerPath, url, tables.records, tables.log, String(round)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const acknowledged: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(line);
    if (acknowledged.length === lines) child.kill('SIGKILL');
  }
  expect(acknowledged.length).toBeGreaterThanOrEqual(lines);
  return acknowledged;
};

/** Kills writers at moments of a seed; after each, all that was acknowledged is there, and no record without its event. */
export const surviveKills = async (
  url: string,
  tables: TableNames,
  open: () => Promise<OpenStore>,
  kills: number,
): Promise<void> => {
  const random = aRandom(11);
  const acknowledged: string[] = [];
  for (let round = 0; round < kills; round++) {
    acknowledged.push(...(await killAfter(url, tables, round, 1 + Math.floor(random() * 60))));
    const { store, log, close } = await open();
    expect(await log.verify()).toMatchObject({ ok: true });
    const subjects = new Set<string>();
    for (let page = await log.read(0); page.length > 0; page = await log.read(page.at(-1)?.seq ?? 0)) {
      for (const { subject } of page) subjects.add(subject);
    }
    expect(acknowledged.filter((sk) => !subjects.has(sk))).toEqual([]);
    const { items } = await store.query({ pk: 'prod_stf', limit: 1000 });
    expect(new Set(items.map(({ sk }) => sk))).toEqual(subjects);
    await close();
  }
};
