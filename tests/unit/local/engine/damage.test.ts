import { expect, test } from 'vitest';
import { frameBuffer, putFrame } from '../../../../local/engine/framing.ts';
import { openJournal } from '../../../../local/engine/journal.ts';
import { recover } from '../../../../local/engine/recovery.ts';
import { JournalDamaged, putHeader } from '../../../../local/engine/segment.ts';
import { interpreterVersion, JournalOfOtherVersion } from '../../../../local/engine/version.ts';
import { fakeClock } from '../../../builders/fake-clock.ts';
import { closedJournal, flipBits } from '../../../builders/flipped-journal.ts';
import { diskWith } from '../../../builders/held-journals.ts';

const ignore = () => undefined;
const visitor = { onItem: ignore, onRecord: ignore };
const header = {
  format: 'papilio-journal',
  version: 1,
  segment: 1,
  interpreter: interpreterVersion,
  previousBytes: 0,
  createdAt: '2026-01-01T00:00:00.000Z',
} as const;

/** Every byte in its turn: damage.long.test.ts. */
test.each(['segments', 'snapshot'] as const)(
  'a bit that flips in a closed journal of %s is named or harms nothing',
  async (layout) => {
    const { named, harmless, problems } = await flipBits(await closedJournal(layout), 397);
    expect(problems).toEqual([]);
    expect(named).toBeGreaterThan(20);
    // Of a folder with a snapshot only that and what comes after it is read.
    expect(layout === 'segments' ? harmless <= 1 : harmless > 20).toBe(true);
  },
);

test('what was not whole at the end of a journal that nobody closed is cut, and said', async () => {
  const files = await closedJournal('segments');
  const [[name = '', bytes = Buffer.alloc(0)] = []] = files;
  const { cut } = await recover(await diskWith(new Map([[name, bytes.subarray(0, -30)]])), '/data', visitor);
  expect(cut).toMatchObject({ file: `/data/${name}` });
});

test.each([
  ['interpreter 99', { ...header, interpreter: '99' }],
  ['format 2 of journals', { ...header, version: 2 }],
])('a segment that an engine with %s wrote is refused by name, and left as it is', async (what, written) => {
  const buffer = frameBuffer();
  putHeader(buffer, written);
  putFrame(buffer, '["new",{"kind":"nobody knows"}]');
  const bytes = buffer.bytes.subarray(0, buffer.usedBytes);
  const disk = await diskWith(new Map([['journal-1.log', bytes]]));
  const refusal = recover(disk, '/data', visitor);
  await expect(refusal).rejects.toThrow(JournalOfOtherVersion);
  await expect(refusal).rejects.toThrow(`/data/journal-1.log was written by an engine with ${what}; this engine has`);
  expect(await disk.readFile('/data/journal-1.log')).toEqual(bytes);
});

test('a snapshot of another version is refused, and not passed over as a damaged one is', async () => {
  const files = await closedJournal('snapshot');
  const name = [...files.keys()].find((each) => each.startsWith('snapshot')) ?? '';
  const segment = Number(name.replace('snapshot-', ''));
  const buffer = frameBuffer();
  putFrame(buffer, JSON.stringify({ format: 'papilio-snapshot', version: 1, segment, interpreter: '99' }));
  putFrame(buffer, JSON.stringify({ end: true, items: 0 }));
  const disk = await diskWith(files.set(name, buffer.bytes.subarray(0, buffer.usedBytes)));
  await expect(recover(disk, '/data', visitor)).rejects.toThrow(JournalOfOtherVersion);
});

test('a damaged snapshot whose segments are gone is named with its byte', async () => {
  const files = await closedJournal('snapshot');
  const name = [...files.keys()].find((each) => each.startsWith('snapshot')) ?? '';
  const bytes = files.get(name) ?? Buffer.alloc(0);
  bytes[2000] = (bytes[2000] ?? 0) ^ 1;
  files.delete('journal-1.log');
  const refusal = recover(await diskWith(files), '/data', visitor);
  await expect(refusal).rejects.toThrow(JournalDamaged);
  await expect(refusal).rejects.toMatchObject({
    file: `/data/${name}`,
    offsetBytes: expect.toSatisfy((at: number) => at > 0 && at <= 2000),
  });
});

test('a journal that is opened and closed again and again grows by a mark each time and stays whole', async () => {
  const disk = await diskWith(await closedJournal('segments'));
  const sizes: (number | undefined)[] = [];
  for (let turn = 0; turn < 3; turn++) {
    const options = { disk, folder: '/data', clock: fakeClock(), interpreter: interpreterVersion };
    const journal = openJournal({ ...options, segmentBytes: 10 ** 6, onSegment: ignore });
    expect(await journal.recover(visitor)).not.toHaveProperty('cut');
    await journal.close();
    sizes.push(await disk.sizeOf('/data/journal-1.log'));
  }
  expect(sizes.map((size = 0) => size - (sizes[0] ?? 0))).toEqual([0, 20, 40]);
});
