import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import * as z from 'zod';
import { Status } from '#schema/status';
import { RunPage, Trace } from '#schema/view';
import { frontOf } from '../../../local/supervisor/front-client.ts';
import { startHouse } from '../../../local/supervisor/house.ts';
import { plainEnvironment } from '../../builders/plain-environment.ts';
import { type Age, makeAged } from '../../load/age/folder.ts';
import { killInTurn } from '../kill/kill-in-turn.ts';

/** STFs of the demo, which every aged folder begins with. */
const demoStfs = 12;
/** No sequence of an aged run. */
const playedRun = 900_001;
const say = (line: string) => process.stderr.write(`${line}\n`);

/** A deadline against hanging, not a measurement. */
const patienceMs = 60_000;

const asks = async (folder: string) => {
  const { baseUrl, token } = await frontOf(folder);
  const get = (path: string) => fetch(`${baseUrl}${path}`, { headers: { authorization: `Bearer ${token}` } });
  return { get, read: async <T>(schema: z.ZodType<T>, path: string) => schema.parse(await (await get(path)).json()) };
};

/** Starts papilio on the folder, looks at what it says of its past, and stops it. */
const expectServed = async (folder: string, { stfs, runs }: Age): Promise<void> => {
  const house = await startHouse({ folder, port: 0, environment: plainEnvironment });
  try {
    const { get, read } = await asks(folder);
    for (const lateMs = performance.now() + patienceMs; (await get('/v1/ready')).status !== 200; ) {
      expect(performance.now(), 'ready').toBeLessThan(lateMs);
      await delay(50);
    }
    const { total } = await read(Status, '/v1/status');
    expect(total.stfs).toMatchObject({ archived: stfs + demoStfs, processed: stfs + demoStfs, failed: 0 });
    expect((await read(RunPage, '/v1/runs?limit=5')).items).toHaveLength(Math.min(5, runs + 1));
    const { events } = await read(Trace, '/v1/stfs/swf.101.000003.stf/trace');
    const types = events.map(({ type }) => type);
    for (const step of ['stf.archived', 'stf.catalogued', 'job.settled', 'stf.processed'])
      expect(types).toContain(step);
  } finally {
    await house.stop();
  }
};

const Count = z.object({ count: z.int() });

/** What the stores keep: of the run that was played, by kind of record, and STFs as a whole. */
const keptIn = (folder: string) => {
  const count = (plane: string, sk: string, key: string): number => {
    using database = new DatabaseSync(join(folder, plane, 'store.db'), { readOnly: true });
    const row = database.prepare('SELECT count(*) AS count FROM items WHERE sk = ? AND pk LIKE ?').get(sk, key);
    return Count.parse(row).count;
  };
  const ofRun = `%_${String(playedRun).padStart(8, '0')}-%`;
  return {
    replicas: count('archive', 'replica', ofRun),
    stfs: count('work', 'stf', ofRun),
    outputs: count('work', 'output', `${ofRun}-hits`),
    all: count('work', 'stf', '%'),
  };
};

/**
 * Makes a folder of an age and serves it; then plays a run into it while the front and both planes are killed again and again:
 * all of the run is archived and processed once, and nothing of the past is lost.
 */
export const expectAged = async (
  folder: string,
  age: Age,
  { kills, stfs, pauseMs }: { kills: number; stfs: number; pauseMs: readonly [number, number] },
) => {
  await makeAged(folder, age, say);
  await expectServed(folder, age);
  const killed = ['front', 'archive', 'work'] as const;
  const { kills: done, tally } = await killInTurn({
    ...{ seed: age.stfs, stfs, speed: 1, everyMs: pauseMs, rounds: Math.ceil(kills / killed.length) },
    ...{ killed, into: folder, run: playedRun, say },
  });
  rmSync(dirname(tally), { recursive: true });
  for (const victim of killed) expect(done[victim], victim).toBe(Math.ceil(kills / killed.length));
  expect(keptIn(folder)).toEqual({ replicas: stfs, stfs, outputs: stfs, all: age.stfs + demoStfs + stfs });
  await expectServed(folder, { ...age, stfs: age.stfs + stfs, runs: age.runs + 1 });
};
