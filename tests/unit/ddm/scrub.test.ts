import { appendFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { damageReportOf } from '#lib/damage-report';
import { nodeDisk } from '#lib/node-disk';
import { damages, outputs, scrubs } from '#lib/records';
import type { Objects } from '#ports/objects';
import { openDiskObjects } from '../../../functions/adapters/objects/disk.ts';
import { openSqliteStore } from '../../../functions/adapters/store/sqlite.ts';
import { scrubOutputs } from '../../../functions/ddm/scrub-outputs.fn.ts';
import { aDeps, eventTypes, type TestDeps } from '../../builders/a-deps.ts';
import { aFolder } from '../../builders/a-folder.ts';
import { aProvenance } from '../../builders/a-stored-folder.ts';
import { flipBit, tamper } from '../../builders/damaged-file.ts';
import { fakeClock } from '../../builders/fake-clock.ts';

const everyTurnMs = 2_000;

/** A plane with outputs on a disk and records in a file, as the embedded mode has them. */
const aPlane = async (folder: string, environment: Readonly<Record<string, string>> = {}) => {
  const clock = fakeClock();
  const path = join(folder, 'store.db');
  const { store, log: eventLog } = await openSqliteStore({ path, clock });
  const disk = await openDiskObjects({ folder: join(folder, 'objects'), disk: nodeDisk });
  let readBytes = 0;
  const counted: Objects = {
    ...disk,
    readStored: async (...range) => {
      const bytes = await disk.readStored(...range);
      readBytes += bytes.length;
      return bytes;
    },
  };
  const deps = aDeps({
    clock,
    store,
    eventLog,
    events: () => eventLog.read(0),
    outputs: counted,
    environment: { PAPILIO_SCRUB_EVERY_H: '0', ...environment },
  });
  return { deps, path, pathOf: async (key: string) => (await disk.localPath(key)) ?? '', readBytes: () => readBytes };
};

const addOutput = async (deps: TestDeps, at: number, bytes: Uint8Array): Promise<string> => {
  const id = `test_output_00000102-${String(at).padStart(8, '0')}-p1-hits`;
  const objectKey = `test_run_00000102/${id}.json`;
  const { created: _, ...facts } = await deps.outputs.putBytes(objectKey, bytes);
  const runId = 'test_run_00000102';
  const doc = {
    id,
    runId,
    pass: 1,
    name: `${id}.json`,
    objectKey,
    ...facts,
    registeredAt: deps.now(),
    provenance: aProvenance,
  };
  await outputs.putMany(deps.store, [[id, doc]]);
  return objectKey;
};

const addOutputs = (deps: TestDeps, count: number): Promise<string[]> =>
  Promise.all(Array.from({ length: count }, (_, at) => addOutput(deps, at, Buffer.from(`the hits of STF ${at}`))));

/** Lets the schedule call it so often. */
const turns = async (deps: TestDeps, count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) {
    await scrubOutputs.run({}, deps);
    await deps.clock.advance(everyTurnMs);
  }
};

const openOf = async (deps: TestDeps) => (await damages.list(deps.store, 'i1', 'damages')).items.map(({ doc }) => doc);

test('everything that is as it was written is read and counted, and nothing is named', async () => {
  using folder = aFolder();
  const { deps, readBytes } = await aPlane(folder.path);
  await addOutputs(deps, 20);
  await turns(deps, 4);
  expect(await openOf(deps)).toEqual([]);
  expect(await eventTypes(deps)).toEqual([]);
  const state = await scrubs.get(deps.store, 'test_scrub_work');
  expect(state?.doc.lastPass).toMatchObject({ objects: 20, damaged: 0 });
  expect(readBytes()).toBeGreaterThanOrEqual(20 * 16);
});

describe('an output', () => {
  const harms: readonly (readonly [string, string, (path: string) => void])[] = [
    ['of which one bit flipped', 'checksum', (path) => flipBit(path)],
    ['that was cut', 'size', (path) => truncateSync(path, 5)],
    ['that was made longer', 'size', (path) => appendFileSync(path, 'x')],
    ['that was deleted', 'missing', (path) => rmSync(path)],
  ];

  test.each(harms)('%s is named as %s, with an event, until it is right again', async (_, problem, harm) => {
    using folder = aFolder();
    const { deps, pathOf } = await aPlane(folder.path);
    const [first = '', second = ''] = await addOutputs(deps, 2);
    const right = readFileSync(await pathOf(second));
    harm(await pathOf(second));
    await turns(deps, 3);
    expect(await openOf(deps)).toMatchObject([{ kind: 'output', objectKey: second, problem, state: 'open' }]);
    const events = await deps.events();
    expect(events).toMatchObject([{ type: 'object.damaged', data: { objectKey: second, problem } }]);
    expect(JSON.stringify(events[0]?.data)).not.toContain(first);
    writeFileSync(await pathOf(second), right);
    await turns(deps, 20);
    expect(await openOf(deps)).toEqual([]);
    expect(await eventTypes(deps)).toEqual(['object.damaged', 'object.restored']);
    harm(await pathOf(second));
    await turns(deps, 3);
    expect(await eventTypes(deps)).toEqual(['object.damaged', 'object.restored', 'object.damaged']);
  });

  test('of which the record changed is never trusted: the record is named, the object is not judged by it', async () => {
    using folder = aFolder();
    const { deps, path } = await aPlane(folder.path);
    await addOutputs(deps, 3);
    const db = new DatabaseSync(path);
    db.exec("UPDATE items SET doc = replace(doc, '\"pass\":1', '\"pass\":2') WHERE pk LIKE '%00000001-p1-hits'");
    await turns(deps, 3);
    expect(await openOf(deps)).toMatchObject([
      { kind: 'record', problem: 'record', name: expect.stringMatching('/output$') },
    ]);
    expect(await eventTypes(deps)).toEqual(['record.damaged']);
    db.exec("UPDATE items SET doc = replace(doc, '\"pass\":2', '\"pass\":1') WHERE pk LIKE '%00000001-p1-hits'");
    db.close();
    await turns(deps, 3);
    expect(await openOf(deps)).toEqual([]);
    expect(await eventTypes(deps)).toEqual(['record.damaged', 'record.restored']);
  });
});

test('the rate bounds what a turn reads, and a large file goes on where the process before left it', async () => {
  using folder = aFolder();
  const first = await aPlane(folder.path, { PAPILIO_SCRUB_MB_PER_S: '1', PAPILIO_SCRUB_EVERY_H: '24' });
  await addOutput(first.deps, 1, Buffer.alloc(40_000_000, 7));
  await turns(first.deps, 1);
  for (let turn = 1; turn <= 12; turn++) {
    const before = first.readBytes();
    await turns(first.deps, 1);
    expect(first.readBytes() - before).toBeLessThanOrEqual(3_000_000);
  }
  const kept = await scrubs.get(first.deps.store, 'test_scrub_work');
  expect(kept?.doc.reading?.sizeBytes).toBeGreaterThan(10_000_000);
  await first.deps.store.close();
  const second = await aPlane(folder.path, { PAPILIO_SCRUB_MB_PER_S: '1', PAPILIO_SCRUB_EVERY_H: '24' });
  await turns(second.deps, 18);
  expect((await scrubs.get(second.deps.store, 'test_scrub_work'))?.doc.lastPass).toMatchObject({
    objects: 1,
    damaged: 0,
  });
  expect(second.readBytes()).toBeLessThan(30_000_000);
  await second.deps.store.close();
});

test('its own records may be damaged too: it begins the pass again, and goes on', async () => {
  using folder = aFolder();
  const first = await aPlane(folder.path);
  await addOutputs(first.deps, 3);
  flipBit(await first.pathOf('test_run_00000102/test_output_00000102-00000001-p1-hits.json'));
  await turns(first.deps, 8);
  await first.deps.store.close();
  for (const sk of ['scrub', 'damage'])
    tamper(first.path, "UPDATE items SET doc = replace(doc, 'test_', 'tesT_') WHERE sk = ?", sk);
  const second = await aPlane(folder.path);
  await turns(second.deps, 3);
  expect(await damageReportOf(second.deps.store)).toMatchObject({
    count: 1,
    records: [expect.stringContaining('/damage')],
  });
  expect((await scrubs.get(second.deps.store, 'test_scrub_work'))?.doc.lastPass).toMatchObject({ objects: 3 });
  await second.deps.store.close();
});

test('the list of a merge’s inputs is read too, and each of both files has its own place', async () => {
  using folder = aFolder();
  const { deps, pathOf } = await aPlane(folder.path);
  const objectKey = await addOutput(deps, 1, Buffer.from('merged hits'));
  const id = 'test_output_00000102-00000001-p1-hits';
  const listKey = `test_run_00000102/${id}.inputs.jsonl`;
  const { created: _, ...facts } = await deps.outputs.putBytes(listKey, Buffer.from('{}'));
  const { doc } = await outputs.need(deps.store, id);
  const manifest = { objectKey: listKey, ...facts };
  await outputs.putMany(deps.store, [[id, { ...doc, provenance: { ...aProvenance, manifest } }]]);
  flipBit(await pathOf(listKey), 1);
  flipBit(await pathOf(objectKey));
  await turns(deps, 3);
  expect((await openOf(deps)).map(({ name }) => name).toSorted()).toEqual([`${id}.inputs.jsonl`, `${id}.json`]);
  flipBit(await pathOf(listKey), 1);
  flipBit(await pathOf(objectKey));
  await turns(deps, 3);
  expect(await openOf(deps)).toEqual([]);
});

test('a rate of 0 reads nothing, and a pass waits for its time', async () => {
  using folder = aFolder();
  const off = await aPlane(folder.path, { PAPILIO_SCRUB_MB_PER_S: '0' });
  await addOutputs(off.deps, 2);
  await turns(off.deps, 5);
  expect(off.readBytes()).toBe(0);
  await off.deps.store.close();
  const daily = await aPlane(folder.path, { PAPILIO_SCRUB_EVERY_H: '24' });
  await turns(daily.deps, 30);
  const once = daily.readBytes();
  expect(once).toBeGreaterThan(0);
  await turns(daily.deps, 30);
  expect(daily.readBytes()).toBe(once);
  await daily.deps.clock.advance(24 * 3_600_000);
  await turns(daily.deps, 3);
  expect(daily.readBytes()).toBe(2 * once);
  await daily.deps.store.close();
});
