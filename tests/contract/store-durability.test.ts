import { spawn } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { openSqliteStore } from '../../functions/adapters/store/sqlite.ts';
import { aFolder } from '../builders/a-folder.ts';
import { anEvent } from '../builders/an-event.ts';
import { fakeClock } from '../builders/fake-clock.ts';
import { cutPower, walLength } from '../builders/power-cut.ts';
import { aRandom } from '../builders/random.ts';

const clock = fakeClock();
const writerPath = fileURLToPath(new URL('../builders/store-writer.ts', import.meta.url));

/** Starts a process that writes, kills it after `lines` acknowledgements, and returns all that it printed. */
const killAfter = async (path: string, round: number, lines: number): Promise<string[]> => {
  const child = spawn(process.execPath, [writerPath, path, String(round)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const acknowledged: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(line);
    if (acknowledged.length === lines) child.kill('SIGKILL');
  }
  return acknowledged;
};

/** Opens the file as it was left; returns what it holds, once its chain has been verified. */
const survivors = async (path: string): Promise<{ sks: Set<string>; subjects: string[] }> => {
  const { store, log } = await openSqliteStore({ path, clock });
  const verdict = await log.verify();
  expect(verdict).toMatchObject({ ok: true });
  const subjects: string[] = [];
  for (let page = await log.read(0); page.length > 0; page = await log.read(page.at(-1)?.seq ?? 0)) {
    subjects.push(...page.map(({ subject }) => subject));
  }
  const items = await store.getMany(subjects.map((sk) => ({ pk: 'prod_stf', sk })));
  await store.close();
  return { sks: new Set(items.flatMap((item) => (item === undefined ? [] : [item.sk]))), subjects };
};

/** A reader of another process opens the file before anybody has recovered it, and finds everything. */
const expectReadable = async (path: string, acknowledged: readonly string[]): Promise<void> => {
  const { store, log } = await openSqliteStore({ path, clock, readOnly: true });
  const items = await store.getMany(acknowledged.map((sk) => ({ pk: 'prod_stf', sk })));
  expect(items).not.toContain(undefined);
  expect(await log.verify()).toMatchObject({ ok: true });
  await store.close();
};

describe('what was acknowledged', () => {
  test('outlives kill -9 at any moment, with its event, again and again in one file', async () => {
    using folder = aFolder();
    const path = join(folder.path, 'store.db');
    const random = aRandom(7);
    const acknowledged: string[] = [];
    for (let round = 0; round < 4; round++) {
      acknowledged.push(...(await killAfter(path, round, 1 + Math.floor(random() * 400))));
      await expectReadable(path, acknowledged);
      const { sks, subjects } = await survivors(path);
      expect(acknowledged.filter((sk) => !sks.has(sk))).toEqual([]);
      // Record and event are one: neither is there without the other.
      expect(subjects.filter((subject) => !sks.has(subject))).toEqual([]);
    }
  });

  test('outlives a power cut that drops or tears whatever was not synced, at any byte', async () => {
    using folder = aFolder();
    const path = join(folder.path, 'store.db');
    const { store } = await openSqliteStore({ path, clock, checkpointBytes: 1e9 });
    const writeOne = async (at: number): Promise<number> => {
      const write = { op: 'put', pk: 'prod_stf', sk: String(at), ifVersion: 0, doc: { at } } as const;
      await store.transact({ writes: [write], events: [anEvent({ subject: String(at) })] });
      return walLength(path);
    };
    const synced: number[] = [];
    for (let at = 0; at < 24; at++) synced.push(await writeOne(at));
    for (const [last, syncedBytes] of synced.entries()) {
      const copyPath = join(folder.path, `cut-${last}.db`);
      cutPower(path, copyPath, syncedBytes, last);
      const { sks, subjects } = await survivors(copyPath);
      for (let at = 0; at <= last; at++) expect(sks).toContain(String(at));
      expect(subjects).toEqual([...sks]);
    }
    await store.close();
  });

  test('outlives a power cut also after its pages have gone from the WAL into the database', async () => {
    using folder = aFolder();
    const path = join(folder.path, 'store.db');
    const { store } = await openSqliteStore({ path, clock, checkpointBytes: 60_000 });
    const lengths: number[] = [];
    for (let at = 0; at < 60; at++) {
      const write = {
        op: 'put',
        pk: 'prod_stf',
        sk: String(at),
        ifVersion: 0,
        doc: { text: 'x'.repeat(500) },
      } as const;
      await store.transact({ writes: [write], events: [anEvent({ subject: String(at) })] });
      // A second commit, without a write, ends after the checkpoint that may follow the first.
      await store.transact({ writes: [], events: [] });
      lengths.push(walLength(path));
      if (at % 6 !== 5) continue;
      const copyPath = join(folder.path, `cut-${at}.db`);
      copyFileSync(path, copyPath);
      cutPower(path, copyPath, walLength(path), at);
      const { sks } = await survivors(copyPath);
      expect(sks.size).toBe(at + 1);
    }
    // The WAL was used again from its start instead of growing: it is what this test is about.
    expect(Math.max(...lengths)).toBeLessThan(200_000);
    await store.close();
  });
});
