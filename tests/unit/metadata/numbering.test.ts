import fc from 'fast-check';
import { expect, test } from 'vitest';
import { archiveKey } from '#lib/model/ids';
import { withStatements } from '#lib/model/numbering';
import { encodeHeader } from '#lib/model/stf-container';
import { stfName } from '#lib/model/stf-name';
import { rangesOfSpan, spanOf, tfAt } from '#lib/model/tf-range';
import { coverages, numberings, stfs, tfSegments } from '#lib/records';
import { readBxPerTfs, readNumbering } from '#lib/run-numbering';
import { coverageId, segmentId, stfsOfTf } from '#lib/tf-places';
import { StfMessage } from '#schema/daq-message';
import type { ArchivedStf } from '#schema/stf';
import { catalogueStf } from '../../../functions/metadata/catalogue-stf.fn.ts';
import { indexStfs } from '../../../functions/metadata/index-stfs.fn.ts';
import { aDeps, type TestDeps } from '../../builders/a-deps.ts';
import { anItem } from '../../builders/a-job.ts';
import { anStfMessage } from '../../builders/a-message.ts';

const run = 102_363;
const runId = 'test_run_00102363';

type File = {
  readonly sequence: number;
  readonly tfsPerStf: number;
  readonly bxPerTf: number;
  readonly tfCount?: number;
};

const placeOf = ({ sequence, tfsPerStf, tfCount = tfsPerStf }: File) => ({ run, sequence, tfsPerStf, tfCount });

/** What the archive plane reports of a file. */
const reportOf = (file: File): ArchivedStf => {
  const name = stfName({ run, sequence: file.sequence });
  const ranges = rangesOfSpan(spanOf(placeOf(file)));
  return {
    stfId: `test_stf_00102363-${String(file.sequence).padStart(8, '0')}`,
    runId,
    sequence: file.sequence,
    name,
    objectKey: archiveKey(run, name),
    content: {
      layout: 'papilio-stf-1',
      tfsPerStf: file.tfsPerStf,
      bxPerTf: file.bxPerTf,
      tfCount: file.tfCount ?? file.tfsPerStf,
      tfRanges: ranges.map(({ tfFirst, tfEnd }) => ({ tfFirst: String(tfFirst), tfEnd: String(tfEnd) })),
      tfsMissing: [],
      indexFirstByte: 0,
      state: 'run',
      substate: 'physics',
    },
  };
};

const leave = async (deps: TestDeps, file: File) => {
  const { tfCount, ...place } = placeOf(file);
  const header = {
    ...place,
    tfCount,
    bxPerTf: file.bxPerTf,
    seed: 1n,
    state: 'run',
    substate: 'physics',
    detectors: [],
  };
  await deps.archive.putBytes(reportOf(file).objectKey, encodeHeader(header));
};
const report = (deps: TestDeps, ...files: readonly File[]) =>
  indexStfs.runBatch(
    files.map((file) => anItem(reportOf(file), `i${file.sequence}`)),
    deps,
  );
const catalogue = (deps: TestDeps, { sequence }: File) => {
  const message = StfMessage.parse(anStfMessage(sequence, { timestamp: '2026-01-01T00:00:01.000000' }));
  return catalogueStf.run({ message }, deps);
};
const stfNow = async (deps: TestDeps, { sequence }: File) =>
  (await stfs.need(deps.store, reportOf({ sequence, tfsPerStf: 1, bxPerTf: 1 }).stfId)).doc;
const events = async (deps: TestDeps, type: string) => (await deps.events()).filter((event) => event.type === type);

test('the numbering of a run is that of its lowest sequence, whichever file is archived first', async () => {
  const deps = aDeps();
  expect(await readNumbering(run, deps)).toEqual({ tfsPerStf: 1000, bxPerTf: 65_536, differing: [] });
  await report(deps, { sequence: 5, tfsPerStf: 500, bxPerTf: 65_536 });
  expect(await readNumbering(run, deps)).toEqual({ tfsPerStf: 500, bxPerTf: 65_536, sequence: 5, differing: [] });
  await report(deps, { sequence: 4, tfsPerStf: 1000, bxPerTf: 32_768 });
  const differing = [{ tfsPerStf: 500, bxPerTf: 65_536, sequences: [5] }];
  expect(await readNumbering(run, deps)).toEqual({ tfsPerStf: 1000, bxPerTf: 32_768, sequence: 4, differing });
  expect(await readBxPerTfs(deps)).toEqual([65_536, 32_768]);
  expect((await events(deps, 'run.numbered')).map(({ data }) => data)).toMatchObject([
    { run, tfsPerStf: 500, sequence: 5, differing: [] },
    { run, tfsPerStf: 1000, sequence: 4, differing },
  ]);
  await report(deps, { sequence: 6, tfsPerStf: 500, bxPerTf: 65_536 });
  expect(await events(deps, 'run.numbered')).toHaveLength(2);
});

test('an entry has the numbers of the settings until its file is archived, then those of the file', async () => {
  const deps = aDeps();
  const file = { sequence: 3, tfsPerStf: 20, bxPerTf: 1024, tfCount: 7 };
  await catalogue(deps, file);
  expect(await stfNow(deps, file)).toMatchObject({ tfFirst: String(tfAt(run, 3000)), tfEnd: String(tfAt(run, 4000)) });
  await report(deps, file);
  const first = tfAt(run, 60);
  expect(await stfNow(deps, file)).toMatchObject({
    tfFirst: String(first),
    tfEnd: String(first + 7n),
    bxFirst: String(first * 1024n),
    bxEnd: String((first + 7n) * 1024n),
    numbering: { tfsPerStf: 20, bxPerTf: 1024 },
  });
  await report(deps, file);
  expect(await events(deps, 'stf.numbered')).toHaveLength(1);
});

test('a file that states what the settings give changes no entry', async () => {
  const deps = aDeps();
  const file = { sequence: 3, tfsPerStf: 1000, bxPerTf: 65_536 };
  await catalogue(deps, file);
  await report(deps, file);
  expect(await events(deps, 'stf.numbered')).toEqual([]);
});

test('an STF beyond the last TF of a run is refused by the catalogue, by name', async () => {
  const deps = aDeps({ environment: { PAPILIO_TFS_PER_STF: '2000' } });
  await expect(catalogue(deps, { sequence: 99_999_999, tfsPerStf: 1, bxPerTf: 1 })).rejects.toMatchObject({
    code: 'stf-not-numbered',
  });
});

const values = [
  { tfsPerStf: 1000, bxPerTf: 65_536 },
  { tfsPerStf: 500, bxPerTf: 65_536 },
  { tfsPerStf: 1000, bxPerTf: 4096 },
];
const border = Math.floor(2 ** 27 / 1000);
const someFiles = fc
  .uniqueArray(fc.constantFrom(0, 1, 2, 3, 9, border - 1, border, border + 1), { minLength: 1, maxLength: 6 })
  .chain((sequences) =>
    fc.tuple(...sequences.map((sequence) => fc.constantFrom(...values).map((value): File => ({ sequence, ...value })))),
  );
type Step = { readonly kind: 'catalogue' | 'archive'; readonly file: File };
const stepsOf = (files: readonly File[]): Step[] =>
  files.flatMap((file): Step[] => [
    { kind: 'catalogue', file },
    { kind: 'archive', file },
  ]);

const recordsOf = async (deps: TestDeps, files: readonly File[]) => {
  const segments = [0, 1, Math.floor((border * 1000) / 2 ** 14), 2 ** 13, 4096];
  return {
    numbering: (await numberings.get(deps.store, 'test_numbering_00102363'))?.doc,
    stfs: await Promise.all(files.map((file) => stfNow(deps, file))),
    coverage: await Promise.all(
      [0, 1].map(async (block) => (await coverages.get(deps.store, coverageId(run, deps, block)))?.doc),
    ),
    segments: await Promise.all(
      segments.map(async (segment) => (await tfSegments.get(deps.store, segmentId(run, segment, deps)))?.doc),
    ),
  };
};

const play = async (steps: readonly Step[]): Promise<TestDeps> => {
  const deps = aDeps();
  for (const { kind, file } of steps) {
    if (kind === 'catalogue') await catalogue(deps, file);
    else {
      await leave(deps, file);
      await report(deps, file);
    }
  }
  return deps;
};

test('any order in which files are archived and entered gives the same records, whatever numberings they state', async () => {
  await fc.assert(
    fc.asyncProperty(
      someFiles.chain((files) =>
        fc.tuple(fc.constant(files), fc.shuffledSubarray(stepsOf(files), { minLength: files.length * 2 })),
      ),
      async ([files, steps]) => {
        const straight = await recordsOf(await play(stepsOf(files)), files);
        expect(await recordsOf(await play([...steps, ...steps.slice(0, 2)]), files)).toEqual(straight);
        const [lowest] = files.toSorted((a, b) => a.sequence - b.sequence);
        expect(straight.numbering?.stated[0]).toMatchObject({ tfsPerStf: lowest?.tfsPerStf, bxPerTf: lowest?.bxPerTf });
      },
    ),
    { numRuns: 25 },
  );
});

test('an STF in two blocks is found in both', async () => {
  const deps = aDeps();
  await report(deps, { sequence: border, tfsPerStf: 1000, bxPerTf: 65_536 });
  for (const index of [border * 1000, 2 ** 27 - 1, 2 ** 27, border * 1000 + 999])
    expect(await stfsOfTf(tfAt(run, index), deps)).toEqual({ run, sequences: [border] });
});

test('what files state is one list for any order and any repeats', () => {
  const statement = fc.record({
    sequence: fc.nat(60),
    tfsPerStf: fc.constantFrom(10, 20),
    bxPerTf: fc.constantFrom(1, 2),
  });
  fc.assert(
    fc.property(fc.array(statement, { maxLength: 80 }), fc.infiniteStream(fc.nat()), (files, keys) => {
      const keyed = [...files, ...files.slice(0, 5)].map((file) => ({ file, key: keys.next().value ?? 0 }));
      const shuffled = keyed.toSorted((a, b) => a.key - b.key).map(({ file }) => file);
      const oneByOne = shuffled.reduce<ReturnType<typeof withStatements>>(
        (known, file) => withStatements(known, [file]),
        [],
      );
      expect(oneByOne).toEqual(withStatements([], files));
    }),
  );
});
