import { change, commit, untilNoConflict } from './change.ts';
import type { Deps } from './deps.ts';
import { PapilioError } from './errors.ts';
import { archiveKey } from './model/ids.ts';
import { isSameNumbering } from './model/numbering.ts';
import { decodeHeader, HEADER_START_BYTES, headerSizeOf } from './model/stf-container.ts';
import { bxRangeOf, hullOf, rangesOfSpan, type StfPlace, spanOf } from './model/tf-range.ts';
import { stfs } from './records.ts';
import { settingsNumbering } from './run-numbering.ts';
import type { ArchivedStf, Numbering, Stf } from './schema/stf.ts';

/** The fields of an STF's entry that follow from its place in the run and its numbering. */
type StfNumbers = Pick<Stf, 'tfFirst' | 'tfEnd' | 'bxFirst' | 'bxEnd' | 'tfRanges'>;

/** Numbers the TFs and BXs of an STF. @throws stf-not-numbered when no run has numbers for them */
export const stfNumbers = (place: StfPlace, bxPerTf: number): StfNumbers => {
  try {
    const span = spanOf(place);
    const tfs = hullOf(span);
    const bxs = bxRangeOf(tfs, bxPerTf);
    const ranges = rangesOfSpan(span).map(({ tfFirst, tfEnd }) => ({ tfFirst: String(tfFirst), tfEnd: String(tfEnd) }));
    return {
      tfFirst: String(tfs.tfFirst),
      tfEnd: String(tfs.tfEnd),
      bxFirst: String(bxs.bxFirst),
      bxEnd: String(bxs.bxEnd),
      ...(ranges.length > 1 ? { tfRanges: ranges } : {}),
    };
  } catch (thrown) {
    if (thrown instanceof RangeError) throw new PapilioError('stf-not-numbered', thrown.message, thrown);
    throw thrown;
  }
};

/** What a file states: how many TFs it should hold, and its numbering. */
type Stated = Numbering & { readonly tfCount: number };

/** Returns what an archived file states, as its walk found it; undefined where that is not known. */
const statedBy = ({ content }: Pick<ArchivedStf, 'content'>): Stated | undefined => {
  const { tfsPerStf, bxPerTf } = content ?? {};
  if (content === undefined || tfsPerStf === undefined || bxPerTf === undefined) return undefined;
  const missing = content.tfsMissing.reduce(
    (sum, { tfFirst, tfEnd }) => sum + Number(BigInt(tfEnd) - BigInt(tfFirst)),
    0,
  );
  return { tfsPerStf, bxPerTf, tfCount: content.tfCount + missing };
};

/**
 * Gives the entries of STFs the numbers that their archived files state; an STF that is not catalogued yet is left alone, since
 * `numberFromFile` follows its entry.
 */
export const numberStfs = async (archived: readonly ArchivedStf[], by: string, deps: Deps): Promise<void> => {
  const known = await stfs.getMany(
    deps.store,
    archived.map(({ stfId }) => stfId),
  );
  for (const [at, stf] of archived.entries()) {
    const stated = statedBy(stf);
    const entry = known[at]?.doc;
    if (stated === undefined || entry === undefined || isSameNumbers(entry, renumbered(entry, stated, deps))) continue;
    await renumber(stf.stfId, stated, by, deps);
  }
};

/** Gives a new entry the numbers of its file, where that was archived before the entry was made. */
export const numberFromFile = async ({ id, run, name }: Pick<Stf, 'id' | 'run' | 'name'>, by: string, deps: Deps) => {
  const key = archiveKey(run, name);
  if ((await deps.archive.stat(key)) === undefined) return;
  const sizeBytes = headerSizeOf(Buffer.from(await deps.archive.readRange(key, 0, HEADER_START_BYTES)));
  if (typeof sizeBytes === 'string') return;
  const header = decodeHeader(Buffer.from(await deps.archive.readRange(key, 0, sizeBytes)));
  if (typeof header === 'string') return;
  try {
    await renumber(id, header, by, deps);
  } catch (thrown) {
    // No run has numbers for it: the entry keeps those of the settings.
    if (!(thrown instanceof PapilioError) || thrown.code !== 'stf-not-numbered') throw thrown;
  }
};

/** Returns an entry with the numbers that its file states; with its numbering where that is not the one of the settings. */
const renumbered = (stf: Stf, { tfsPerStf, bxPerTf, tfCount }: Stated, deps: Pick<Deps, 'config'>): Stf => {
  const { tfRanges: _, numbering: __, ...rest } = stf;
  const { run, sequence } = rest;
  const isUsual = isSameNumbering({ tfsPerStf, bxPerTf }, settingsNumbering(deps));
  return {
    ...rest,
    ...stfNumbers({ run, sequence, tfCount, tfsPerStf }, bxPerTf),
    ...(isUsual ? {} : { numbering: { tfsPerStf, bxPerTf } }),
  };
};

const renumber = (stfId: string, stated: Stated, by: string, deps: Deps): Promise<void> =>
  untilNoConflict(async () => {
    const stf = await stfs.get(deps.store, stfId);
    if (stf === undefined) return;
    const after = renumbered(stf.doc, stated, deps);
    if (isSameNumbers(stf.doc, after)) return;
    const { run, sequence, receivedAt, tfFirst, tfEnd, bxFirst, bxEnd, tfRanges } = after;
    const { tfsPerStf, bxPerTf } = stated;
    const numbers = { tfFirst, tfEnd, bxFirst, bxEnd, ...(tfRanges === undefined ? {} : { tfRanges }) };
    const data = { run, sequence, receivedAt, tfsPerStf, bxPerTf, ...numbers };
    await commit(deps, [change(deps, stfId, stfs.put(stfId, after, stf.version), { type: 'stf.numbered', by, data })]);
  });

const isSameNumbers = (a: Stf, b: Stf): boolean => JSON.stringify(numbersIn(a)) === JSON.stringify(numbersIn(b));

const numbersIn = ({ tfFirst, tfEnd, bxFirst, bxEnd, tfRanges, numbering }: Stf) => [
  tfFirst,
  tfEnd,
  bxFirst,
  bxEnd,
  tfRanges,
  numbering?.tfsPerStf,
  numbering?.bxPerTf,
];
