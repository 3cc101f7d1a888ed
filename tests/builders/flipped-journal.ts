import { openJournal } from '../../local/engine/journal.ts';
import { recover } from '../../local/engine/recovery.ts';
import { JournalDamaged } from '../../local/engine/segment.ts';
import { interpreterVersion } from '../../local/engine/version.ts';
import { fakeClock } from './fake-clock.ts';
import { diskWith, filesIn, type Layout } from './held-journals.ts';

/** What a start does with the files of a journal: it reads these bodies, or refuses them. */
const readBy = async (files: ReadonlyMap<string, Buffer>): Promise<string | JournalDamaged> => {
  const bodies: Buffer[] = [];
  const keep = (body: Buffer) => bodies.push(Buffer.from(body));
  try {
    await recover(await diskWith(files), '/data', { onItem: keep, onRecord: keep });
  } catch (error) {
    if (error instanceof JournalDamaged) return error;
    throw error;
  }
  return Buffer.concat(bodies).toString('latin1');
};

/** The held journal of this version after an engine on it was closed: its end is marked, so nothing passes for a torn tail. */
export const closedJournal = async (layout: Layout): Promise<Map<string, Buffer>> => {
  const files = await filesIn(
    new URL(`../fixtures/journals/${interpreterVersion}/${layout}`, import.meta.url).pathname,
  );
  const disk = await diskWith(files);
  const ignore = () => undefined;
  const journal = openJournal({
    disk,
    folder: '/data',
    clock: fakeClock(),
    interpreter: interpreterVersion,
    segmentBytes: 10 ** 6,
    onSegment: ignore,
  });
  await journal.recover({ onItem: ignore, onRecord: ignore });
  await journal.close();
  for (const name of files.keys()) files.set(name, await disk.readFile(`/data/${name}`));
  return files;
};

/** What flips of single bits come to: named where they are, or without any consequence. */
export type Flips = { readonly named: number; readonly harmless: number; readonly problems: readonly string[] };

type Flip = { readonly name: string; readonly at: number; readonly files: ReadonlyMap<string, Buffer> };

/** The same files with one bit of every n-th byte flipped, one at a time. */
function* flipsOf(files: ReadonlyMap<string, Buffer>, everyByte: number): Generator<Flip> {
  for (const [name, bytes] of files) {
    for (let at = 0; at < bytes.length; at += everyByte) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      yield { name, at, files: new Map(files).set(name, flipped) };
    }
  }
}

/** Flips one bit in every n-th byte of a journal, one at a time, and starts on it. */
export const flipBits = async (files: ReadonlyMap<string, Buffer>, everyByte: number): Promise<Flips> => {
  const withoutSnapshot = new Map([...files].filter(([name]) => name.startsWith('journal')));
  // A damaged snapshot is passed over while its segments are there.
  const same = new Set([await readBy(files), await readBy(withoutSnapshot)]);
  const problems: string[] = [];
  const counts = { named: 0, harmless: 0 };
  for (const { name, at, files: damaged } of flipsOf(files, everyByte)) {
    const found = await readBy(damaged);
    const isNamed = found instanceof JournalDamaged;
    counts[isNamed ? 'named' : 'harmless'] += 1;
    const isRight = isNamed ? found.file.endsWith(name) && found.offsetBytes <= at : same.has(found);
    if (!isRight) problems.push(`${name} ${at}: ${isNamed ? found.message : 'something else was read, unnoticed'}`);
  }
  return { ...counts, problems };
};
