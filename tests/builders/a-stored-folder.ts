import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeDisk } from '#lib/node-disk';
import { outputs } from '#lib/records';
import { openDiskObjects } from '../../functions/adapters/objects/disk.ts';
import { openSqliteStore, type SqliteStoreOptions } from '../../functions/adapters/store/sqlite.ts';
import { type Plane, planes } from '../../functions/catalog.ts';
import { change, commit } from '../../functions/lib/change.ts';
import { archiveStf } from '../../functions/streaming/archive-stf.fn.ts';
import { openDataFolder } from '../../local/supervisor/data-folder.ts';
import { aDeps, type TestDeps } from './a-deps.ts';
import { anAwaitedStf, anStfFile } from './a-stf.ts';
import { closedJournal } from './flipped-journal.ts';

/** How an output came to be, in short. */
export const aProvenance = {
  inputs: [],
  inputCount: 0,
  payload: { name: 'stf-hits' },
  jobId: 'test_job_bnl-1-1',
  attemptId: 'test_attempt_bnl-1-1-a1',
  facility: 'local',
  executionId: 'test_exec_bnl-1-1',
  build: 'papilio-0.1.0',
};

/** A plane's store and objects in a data folder, with deps that write to them. */
const openPlane = async (folder: string, plane: Plane, more: Partial<SqliteStoreOptions> = {}): Promise<TestDeps> => {
  mkdirSync(join(folder, plane), { recursive: true });
  const deps = aDeps({ plane });
  const { store, log } = await openSqliteStore({ path: join(folder, plane, 'store.db'), clock: deps.clock, ...more });
  const objects = await openDiskObjects({ folder: join(folder, plane, 'objects'), disk: nodeDisk });
  const events = () => log.read(0);
  return { ...deps, store, eventLog: log, events, archive: objects, outputs: objects };
};

const putOutput = async (deps: TestDeps, stfId: string, sequence: number): Promise<void> => {
  const id = deps.ids.output(`00102363-${String(sequence).padStart(8, '0')}-p1-hits`);
  const runId = deps.ids.run(102363);
  const objectKey = `${runId}/${id}.json`;
  const text = JSON.stringify({ stf: stfId, hits: Array.from({ length: 40 }, (_, at) => at * sequence) });
  const { created: _, ...facts } = await deps.outputs.putBytes(objectKey, Buffer.from(text));
  const provenance = aProvenance;
  const doc = {
    id,
    runId,
    stfId,
    pass: 1,
    name: `${id}.json`,
    objectKey,
    ...facts,
    registeredAt: deps.now(),
    provenance,
  };
  const fact = { type: 'output.registered', by: 'register-outputs', data: { ...facts } };
  await commit(deps, [change(deps, id, outputs.put(id, doc, 0), fact)]);
};

const fillEngine = async (folder: string, layout: 'segments' | 'snapshot'): Promise<void> => {
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of await closedJournal(layout)) writeFileSync(join(folder, name), bytes);
};

const segmentEvents = 5;

/** Seals all events of a plane but the latest. */
const sealEvents = async (folder: string, plane: Plane): Promise<void> => {
  const sealed = Promise.withResolvers<void>();
  const seal = { unsealedEvents: segmentEvents, segmentEvents, segmentBytes: 1_000_000 };
  const { store } = await openPlane(folder, plane, { seal, onSealed: () => sealed.resolve() });
  // Sealing begins after a commit.
  await store.transact({ writes: [{ op: 'put', pk: 'sealed', sk: 'sealed', ifVersion: 0, doc: {} }], events: [] });
  await sealed.promise;
  await store.close();
};

/** A data folder of the instance `test` while nothing runs: STFs archived, catalogued and processed, with an engine a plane. */
export const fillStoredFolder = async (folder: string, stfCount: number): Promise<void> => {
  await fillStores(folder, stfCount);
  for (const plane of planes) await sealEvents(folder, plane);
  await fillEngine(join(folder, 'archive', 'engine'), 'segments');
  await fillEngine(join(folder, 'work', 'engine'), 'snapshot');
};

/** The same without engines: those that papilio starts there are its own. */
export const fillStores = async (folder: string, stfCount: number): Promise<void> => {
  await (await openDataFolder(folder, { PAPILIO_INSTANCE: 'test' })).unlock();
  const archive = await openPlane(folder, 'archive');
  const work = { ...(await openPlane(folder, 'work')), archive: archive.archive };
  for (let sequence = 1; sequence <= stfCount; sequence++) {
    const message = anStfFile(archive, sequence, `TFs of STF ${sequence}: `.repeat(50));
    await archiveStf.run({ message }, archive);
    const { stfId } = await anAwaitedStf(work, sequence);
    await putOutput(work, stfId, sequence);
  }
  await Promise.all([archive.store.close(), work.store.close()]);
};
