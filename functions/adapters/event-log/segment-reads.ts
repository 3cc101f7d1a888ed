import type { EventRow } from './chain.ts';
import { createHashReader, subjectHash } from './hash-pages.ts';
import { isCorruptSegment } from './segment-corrupt.ts';
import { createSegmentFiles, type Indexed } from './segment-files.ts';
import { type Manifest, mapLevels, rememberManifest, type SealedFile } from './segment-manifest.ts';

const valuesOf = ({ file, footer }: Indexed, key: number, from: number): number[] =>
  createHashReader(file, footer.subjects).valuesOf(key, from);

type Wanted = { readonly subject: string; readonly hash: number };

/** Rows of the manifest that are read at once. */
const perPage = 64;

/** Finds the segments that may hold a subject, by maps and without. */
const createCandidates = (manifest: Manifest, mapOf: (named: SealedFile) => Indexed) => {
  /** First events of the segments under a map that may hold a subject; undefined if the map cannot be read. */
  const inMap = (named: SealedFile, hash: number, afterSeq: number): number[] | undefined => {
    try {
      const open = mapOf(named);
      // A segment that begins before the position may reach beyond it.
      const from = (manifest.at(0, Math.max(named.first, afterSeq + 1))?.first ?? named.first) - named.first;
      return valuesOf(open, hash, from).map((offset) => named.first + offset);
    } catch (thrown) {
      // The files below it hold the same entries.
      if (isCorruptSegment(thrown)) return undefined;
      throw thrown;
    }
  };

  /** The largest map that covers a place and can be read, with the segments that it names. */
  const mapAt = (seq: number, hash: number): { last: number; firsts: number[] } | undefined => {
    for (const level of mapLevels) {
      const named = manifest.at(level, seq);
      if (named === undefined || named.first > seq) continue;
      const firsts = inMap(named, hash, seq - 1);
      if (firsts !== undefined) return { last: named.last, firsts };
    }
    return undefined;
  };

  /** Segments that may hold a subject, from one on, up to where a map or that segment ends. */
  const segmentsFrom = (named: SealedFile, seq: number, hash: number): { last: number; segments: SealedFile[] } => {
    const map = mapAt(seq, hash);
    if (map === undefined) return { last: named.last, segments: [named] };
    return { last: map.last, segments: map.firsts.flatMap((first) => manifest.after(0, first - 1, 1)) };
  };

  /** Segments that maps name, in order; returns the event behind the last that a map covers. */
  function* mapped(hash: number, from: number): Generator<SealedFile, number> {
    const last = Math.max(...mapLevels.map((level) => manifest.last(level)?.last ?? 0));
    let seq = from;
    while (seq <= last) {
      const named = manifest.at(0, seq);
      if (named === undefined) break;
      const found = segmentsFrom(named, seq, hash);
      yield* found.segments;
      seq = found.last + 1;
    }
    return seq;
  }

  /** Segments that may hold a subject, in order: those that maps name, and all that no map covers yet. */
  function* candidates(hash: number, afterSeq: number): Generator<SealedFile> {
    const seq = yield* mapped(hash, afterSeq + 1);
    for (let page = manifest.after(0, seq - 1, perPage); page.length > 0; ) {
      yield* page;
      page = manifest.after(0, page.at(-1)?.last ?? 0, perPage);
    }
  }

  return candidates;
};

/** Reads of the sealed part of a log, on the serving thread. */
export type SegmentReads = {
  /** Rows after a `seq` out of the segment that holds the next one; undefined if no segment does. */
  readonly rowsAfter: (seq: number, limit: number) => readonly EventRow[] | undefined;
  /** Rows of a subject after a `seq`, in order, at most `limit`. */
  readonly ofSubject: (subject: string, afterSeq: number, limit: number) => readonly EventRow[];
  readonly close: () => void;
};

/** Reads sealed events by way of a manifest. */
export const createSegmentReads = (manifest: Manifest, folder: string): SegmentReads => {
  const { segment, map, blockAt, close } = createSegmentFiles(folder);
  const remembered = rememberManifest(manifest);
  const candidates = createCandidates(remembered.manifest, map);

  const rowsAfter = (seq: number, limit: number): readonly EventRow[] | undefined => {
    const named = manifest.at(0, seq + 1);
    if (named === undefined || named.first > seq + 1) return undefined;
    const rows: EventRow[] = [];
    for (let next = seq + 1; next <= named.last && rows.length < limit; ) {
      const block = blockAt(named, next);
      rows.push(...block.slice(next - (block[0]?.seq ?? next), limit - rows.length + next - (block[0]?.seq ?? next)));
      next = (block.at(-1)?.seq ?? next) + 1;
    }
    return rows;
  };

  /** Rows of a subject in one segment; another subject with the same hash is passed over. */
  function* inSegment(named: SealedFile, { subject, hash }: Wanted, afterSeq: number): Generator<EventRow> {
    const found = valuesOf(segment(named), hash, afterSeq + 1 - named.first);
    for (const offset of found) {
      const seq = named.first + offset;
      const block = blockAt(named, seq);
      const row = block[seq - (block[0]?.seq ?? seq)];
      if (row !== undefined && JSON.parse(row.body).subject === subject) yield row;
    }
  }

  const ofSubject = (subject: string, afterSeq: number, limit: number): readonly EventRow[] => {
    remembered.refresh();
    const rows: EventRow[] = [];
    const wanted = { subject, hash: subjectHash(subject) };
    for (const named of candidates(wanted.hash, afterSeq)) {
      for (const row of inSegment(named, wanted, afterSeq)) {
        if (rows.push(row) >= limit) return rows;
      }
    }
    return rows;
  };

  return { rowsAfter, ofSubject, close };
};
