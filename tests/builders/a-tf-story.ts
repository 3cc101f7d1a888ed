import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commit } from '#lib/change';
import { createIds } from '#lib/ids';
import { archiveKey } from '#lib/model/ids';
import { createStfWalk } from '#lib/model/stf-walk';
import { coverOf, packedCovers, piecesOf, withPieces } from '#lib/model/tf-index';
import { coverages, replicas, tfSegments } from '#lib/records';
import { coverageId, segmentId } from '#lib/tf-places';
import type { Replica } from '#schema/stf';
import { TfRange } from '#schema/tf';
import { type StfSpec, writeStf } from '../../local/sim/daq/generator.ts';
import type { TestApi } from './an-api.ts';

const ids = createIds('prod', 'bnl', 1);
const at = '2026-01-01T12:00:00.000Z';
type Told = Pick<StfSpec, 'run' | 'sequence'> & Partial<StfSpec>;

/** Archives one STF of real bytes; 20 TFs unless told otherwise. */
const archive = async (api: Pick<TestApi, 'archive' | 'planes'>, told: Told): Promise<Replica> => {
  const folder = await mkdtemp(join(tmpdir(), 'papilio-tfs-'));
  try {
    const spec = { seed: 7, sizeBytes: 40_000, tfCount: 20, state: 'run', substate: 'physics', ...told } as const;
    const written = await writeStf(join(folder, 'stf'), spec);
    const walk = createStfWalk();
    const objectKey = archiveKey(told.run, written.name);
    const inspector = { see: walk.update, judge: () => {} };
    const { created: _, ...facts } = await api.archive.putFile(objectKey, written.path, { inspector });
    const walked = walk.end();
    if (walked.kind !== 'sound') throw new Error(`the generator wrote an STF that is ${walked.kind}`);
    const { run, sequence } = told;
    const of = { stfId: ids.stf(run, sequence), runId: ids.run(run), messageId: ids.message(`${run}-${sequence}`) };
    const { name } = written;
    const { content } = walked;
    const replica = { ...of, sequence, name, objectKey, ...facts, content, receivedAt: at, archivedAt: at };
    await commit(api.planes.archive, [], [replicas.put(of.stfId, replica, 0)]);
    return replica;
  } finally {
    await rm(folder, { recursive: true });
  }
};

/** Archives STFs of one run and enters their TFs into the catalogue. */
export const indexRun = async (
  api: Pick<TestApi, 'archive' | 'planes'>,
  run: number,
  stfs: readonly Omit<Told, 'run'>[],
): Promise<readonly Replica[]> => {
  const archived: Replica[] = [];
  for (const stf of stfs) archived.push(await archive(api, { ...stf, run }));
  await enter(api, run, archived);
  return archived;
};

/** Enters what replicas say they hold into the catalogue, whatever they hold. */
export const enter = async (
  { planes }: Pick<TestApi, 'planes'>,
  run: number,
  archived: readonly Pick<Replica, 'sequence' | 'content'>[],
): Promise<void> => {
  const pieces = archived.flatMap(({ sequence, content }) =>
    (content?.tfRanges ?? []).flatMap((range) => piecesOf(TfRange.decode(range), sequence)),
  );
  const runId = ids.run(run);
  const segments = [...Map.groupBy(pieces, ({ segment }) => segment)].toSorted(([a], [b]) => a - b);
  const packed = segments.map(([segment, more]) => ({ segment, pieces: withPieces([], more) }));
  const covers = packed.map((one) => coverOf(one.segment, one.pieces));
  await commit(
    planes.work,
    [],
    [
      ...packed.map((one) => tfSegments.put(segmentId(run, one.segment, { ids }), { runId, ...one }, 0)),
      coverages.put(coverageId(run, { ids }), { runId, run, ...packedCovers(covers) }, 0),
    ],
  );
};
