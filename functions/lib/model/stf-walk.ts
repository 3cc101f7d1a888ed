/**
 * Walks through an STF while its bytes go by, in the one pass that also copies and sums them up: header, every TF with its
 * CRC-32C, index, trailer. Damage is named by TF. O(bytes); memory is bounded by the index, 40 bytes a TF.
 * @see 6.8
 */
import type { StfContent } from '#schema/stf';
import type { TfRange } from '#schema/tf';
import { crc32c } from './checksum.ts';
import {
  decodeHeader,
  HEADER_START_BYTES,
  headerSizeOf,
  INDEX_ENTRY_BYTES,
  isContainerEnd,
  type StfHeader,
  TF_HEADER_BYTES,
  TRAILER_BYTES,
} from './stf-container.ts';
import { readTfHead, TF_SEALED_BYTE } from './stf-container-tf.ts';
import { createInput, type Input, type Parsing } from './stf-walk-input.ts';
import { type Finding, findingsOf, type Met, type TailBytes } from './stf-walk-tail.ts';
import { bxRangeOf, coverageOf, tfRangeOf } from './tf-range.ts';

export type { Finding } from './stf-walk-tail.ts';

/** What a walk found. `unknown`: it is no container of papilio's, so nothing can be said of its TFs. */
export type Walked =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'sound'; readonly run: number; readonly sequence: number; readonly content: StfContent }
  | { readonly kind: 'damaged'; readonly findings: readonly Finding[] };

/** A walk: fed with all bytes in order, however they are cut. */
export type StfWalk = { readonly update: (bytes: Uint8Array) => void; readonly end: () => Walked };

/** An index of more TFs is not kept; the largest STF that papilio takes has 10,000. */
const INDEX_MAX_TFS = 100_000;

/** A file with more pieces than this would not fit into its own record; the nominal STF has 1,000 TFs. */
const RANGES_MAX = 2_000;

/** Begins a walk. */
export function createStfWalk(): StfWalk {
  const walking = walk(createInput());
  let step = walking.next();
  return {
    update: (bytes) => {
      if (!step.done && bytes.length > 0) step = walking.next(bytes);
    },
    end: () => {
      while (!step.done) step = walking.next(undefined);
      return step.value;
    },
  };
}

function* walk(input: Input): Parsing<Walked> {
  const start = yield* input.take(HEADER_START_BYTES);
  const sizeBytes = headerSizeOf(start);
  if (typeof sizeBytes === 'string') return yield* judgeWithoutHeader(input, start, sizeBytes);
  const rest = yield* input.take(sizeBytes - HEADER_START_BYTES);
  const header =
    rest.length < sizeBytes - HEADER_START_BYTES ? 'it ends in its header' : decodeHeader(Buffer.concat([start, rest]));
  const tfs = typeof header === 'string' ? header : numbersOf(header);
  if (typeof header === 'string' || typeof tfs === 'string') return damaged([{ problem: String(tfs) }]);
  const { met, tail } = yield* meetTfs(input, header, tfs);
  const findings = findingsOf(met, tail);
  if (findings.length > 0) return damaged(findings);
  const content = contentOf(header, tfs, met, tail);
  if (content.tfRanges.length > RANGES_MAX)
    return damaged([{ problem: `its TFs lie in more than ${RANGES_MAX} pieces` }]);
  const { run, sequence } = header;
  return { kind: 'sound', run, sequence, content };
}

const damaged = (findings: readonly Finding[]): Walked => ({ kind: 'damaged', findings });

/** A bit of the very first bytes may be what is wrong: then the end still shows what the file is. */
function* judgeWithoutHeader(input: Input, start: Buffer, problem: string): Parsing<Walked> {
  const { bytes } = yield* keepTail(input, start, TRAILER_BYTES);
  return isContainerEnd(bytes) ? damaged([{ problem }]) : { kind: 'unknown' };
}

/** TF after TF, up to what is none any more. */
function* meetTfs(input: Input, header: StfHeader, tfs: TfRange): Parsing<{ met: Met[]; tail: TailBytes }> {
  const met: Met[] = [];
  for (;;) {
    const offsetBytes = input.atByte();
    const start = yield* input.take(TF_HEADER_BYTES);
    const head = readTfHead(start);
    if (head === undefined) {
      const maxBytes = Math.min(header.tfCount, INDEX_MAX_TFS) * INDEX_ENTRY_BYTES + TRAILER_BYTES;
      return { met, tail: yield* keepTail(input, start, maxBytes) };
    }
    let crc = crc32c(start.subarray(TF_SEALED_BYTE));
    const restBytes = head.sizeBytes - TF_HEADER_BYTES;
    const passedBytes = yield* input.pass(restBytes, (piece) => {
      crc = crc32c(piece, crc);
    });
    const problem =
      passedBytes < restBytes ? 'the file ends in it' : problemOf(head, crc, { header, tfs, before: met.at(-1) });
    met.push({ ...head, offsetBytes, ...(problem === undefined ? {} : { problem }) });
  }
}

type Around = { readonly header: StfHeader; readonly tfs: TfRange; readonly before: Met | undefined };
type Head = Omit<Met, 'offsetBytes' | 'problem'>;

const problemOf = (head: Head, crc: number, { header, tfs, before }: Around): string | undefined => {
  if (crc !== head.crc32c) return 'its CRC-32C is wrong';
  if (head.tf < tfs.tfFirst || head.tf >= tfs.tfEnd)
    return `it is not of run ${header.run}, sequence ${header.sequence}`;
  const bxPerTf = BigInt(header.bxPerTf);
  if (head.bxFirst !== head.tf * bxPerTf || head.bxCount !== bxPerTf)
    return 'its crossings are not those of its number';
  if (before !== undefined && before.problem === undefined && head.tf <= before.tf) return `it follows TF ${before.tf}`;
  return undefined;
};

/** Takes all that is left and keeps its last bytes. */
function* keepTail(input: Input, start: Buffer, maxBytes: number): Parsing<TailBytes> {
  const firstByte = input.atByte() - start.length;
  let bytes = start;
  yield* input.pass(Number.POSITIVE_INFINITY, (piece) => {
    bytes = Buffer.concat([bytes, piece.subarray(-maxBytes)]).subarray(-maxBytes);
  });
  return { firstByte, sizeBytes: input.atByte() - firstByte, bytes };
}

const numbersOf = (header: StfHeader): TfRange | string => {
  try {
    const tfs = tfRangeOf(header);
    bxRangeOf(tfs, header.bxPerTf);
    return tfs;
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
};

const decimal = ({ tfFirst, tfEnd }: TfRange) => ({ tfFirst: String(tfFirst), tfEnd: String(tfEnd) });

const contentOf = (header: StfHeader, tfs: TfRange, met: readonly Met[], { firstByte }: TailBytes): StfContent => {
  const { ranges } = coverageOf(met.map(({ tf }) => ({ tfFirst: tf, tfEnd: tf + 1n })));
  const edges = [{ tfFirst: tfs.tfFirst, tfEnd: tfs.tfFirst }, ...ranges, { tfFirst: tfs.tfEnd, tfEnd: tfs.tfEnd }];
  return {
    layout: 'papilio-stf-1',
    tfCount: met.length,
    tfRanges: ranges.map(decimal),
    tfsMissing: coverageOf(edges).gaps.map(decimal),
    indexFirstByte: firstByte,
    state: header.state,
    substate: header.substate,
  };
};
