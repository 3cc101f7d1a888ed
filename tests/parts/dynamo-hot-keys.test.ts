import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { commit, untilNoConflict } from '#lib/change';
import { progressShareOf, progressWrite, runProgress } from '#lib/run-progress';
import type { Store } from '#ports/store';
import { aDynamoStore, newTables } from '../builders/a-dynamo-store.ts';
import { aSteeredProxy, type Fault } from '../builders/a-steered-proxy.ts';
import { aRandom } from '../builders/random.ts';
import { aDynamoDbLocal } from './a-dynamodb-local.ts';

/** A record that many write at once: how far a run has come. */
const url = aDynamoDbLocal();
const runId = 'prod_run_00102363';

/** A store that counts the conflicts which its writers met. */
const counting = (store: Store) => {
  const met = { conflicts: 0 };
  const transact: Store['transact'] = async (transaction) => {
    try {
      return await store.transact(transaction);
    } catch (thrown) {
      met.conflicts += 1;
      throw thrown;
    }
  };
  return { store: { ...store, transact }, met };
};

describe('sixty-four who count at once', () => {
  const writers = Array.from({ length: 64 }, (_, at) => at);

  /** Each counts one STF in a share of the run's progress; says how often they met, and how many gave up. */
  const count = async (shareOf: (at: number) => string | undefined) => {
    const opened = await aDynamoStore(url());
    onTestFinished(opened.close);
    const { store, met } = counting(opened.store);
    const enter = async (at: number): Promise<void> => {
      const share = await progressShareOf(runId, shareOf(at), { store });
      await commit({ store }, [], [progressWrite(share, { catalogued: 1 })]);
    };
    const ends = await Promise.allSettled(writers.map((at) => untilNoConflict(() => enter(at))));
    const counted = ends.filter(({ status }) => status === 'fulfilled').length;
    return { counted, sum: (await runProgress(store, runId))?.catalogued, ...met };
  };

  test('meet seldom where they are spread, lose nothing, and would meet all the time in one record', async () => {
    const inOne = await count(() => undefined);
    const spread = await count((at) => `prod_stf_00102363-${String(at).padStart(8, '0')}`);
    process.stdout.write(`64 writers: in one record ${JSON.stringify(inOne)}, spread ${JSON.stringify(spread)}\n`);
    // None is counted twice, and none that was acknowledged is left out.
    expect(inOne.sum).toBe(inOne.counted);
    expect(spread).toMatchObject({ counted: 64, sum: 64 });
    expect(spread.conflicts).toBeLessThan(inOne.conflicts / 2);
  });
});

describe('the sum of what was counted', () => {
  const counterPath = fileURLToPath(new URL('../builders/dynamo-counter.ts', import.meta.url));

  /** Starts a process that counts, kills it after some acknowledgements, and returns them. */
  const killAfter = async (args: readonly string[], lines: number): Promise<string[]> => {
    const child = spawn(process.execPath, [counterPath, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    const acknowledged: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged.push(line);
      if (acknowledged.length === lines) child.kill('SIGKILL');
    }
    return acknowledged;
  };

  const entered = async (store: Store): Promise<string[]> => {
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.query({ pk: `${runId}#entered`, limit: 1000, ...(cursor && { cursor }) });
      found.push(...page.items.map(({ sk }) => sk));
      cursor = page.next;
    } while (cursor !== undefined);
    return found;
  };

  /** One call in six meets something. */
  const weather = (seed: number): (() => Fault | undefined) => {
    const random = aRandom(seed);
    const faults: readonly Fault[] = [
      { status: 400, type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException' },
      { status: 400, type: 'com.amazonaws.dynamodb.v20120810#ThrottlingException' },
      { status: 500, type: 'com.amazonaws.dynamodb.v20120810#InternalServerError' },
      'cut-before',
      'cut-after',
      'cut-within',
    ];
    return () => (random() < 1 / 6 ? faults[Math.floor(random() * faults.length)] : undefined);
  };

  test('is what was entered, whatever was throttled, cut and killed, and all that was acknowledged is in it', async () => {
    const tables = newTables();
    const { store, close } = await aDynamoStore(url(), { tables });
    onTestFinished(close);
    const proxy = await aSteeredProxy(url());
    onTestFinished(proxy.close);
    proxy.steer(weather(5));
    const acknowledged: string[] = [];
    for (const round of [1, 2, 3]) {
      const args = [proxy.url, tables.records, tables.log, runId];
      const lines = [25, 40].map((some, at) => killAfter([...args, `${round}-${at}`], some + round));
      acknowledged.push(...(await Promise.all(lines)).flat());
      const found = new Set(await entered(store));
      expect(acknowledged.filter((stfId) => !found.has(stfId))).toEqual([]);
      expect((await runProgress(store, runId))?.catalogued).toBe(found.size);
    }
    expect(new Set(acknowledged).size).toBe(acknowledged.length);
  });
});
