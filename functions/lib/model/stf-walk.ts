/**
 * Walks through an STF while its bytes go by, in the one pass that also copies and sums them up: header, every TF with its
 * CRC-32C, index, trailer. Damage is named by TF. O(bytes); memory is bounded by the index, 40 bytes a TF.
 * @see 6.8
 */
import type { StfContent } from '#schema/stf';
import type { TfRange } from '#schema/tf';
import { crc32c } from './checksum.ts';
import {
  bxFieldOf,
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
import { holdsTf, missingIn, spanOf, type TfSpan } from './tf-range.ts';

export type { Finding } from './stf-walk-tail.ts';

/**
 * What a walk found. `unknown`: it is no container of papilio's, so nothing can be said of its TFs. `unnumbered`: it is
 * sound, and no run has numbers for its TFs.
 */
export type Walked =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'sound'; readonly run: number; readonly sequence: number; readonly content: StfContent }
  | { readonly kind: 'unnumbered'; readonly run: number; readonly sequence: number; readonly reason: string }
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
  if (typeof header === 'string') return damaged([{ problem: header }]);
  const span = numbersOf(header);
  const { met, tail } = yield* meetTfs(input, header, typeof span === 'string' ? undefined : span);
  const findings = findingsOf(met, tail);
  if (findings.length > 0) return damaged(findings);
  const { run, sequence } = header;
  if (typeof span === 'string') return { kind: 'unnumbered', run, sequence, reason: span };
  const content = contentOf(header, span, met, tail);
  if (content.tfRanges.length > RANGES_MAX)
    return damaged([{ problem: `its TFs lie in more than ${RANGES_MAX} pieces` }]);
  return { kind: 'sound', run, sequence, content };
}

const damaged = (findings: readonly Finding[]): Walked => ({ kind: 'damaged', findings });

/** A bit of the very first bytes may be what is wrong: then the end still shows what the file is. */
function* judgeWithoutHeader(input: Input, start: Buffer, problem: string): Parsing<Walked> {
  const { bytes } = yield* keepTail(input, start, TRAILER_BYTES);
  return isContainerEnd(bytes) ? damaged([{ problem }]) : { kind: 'unknown' };
}

/** TF after TF, up to what is none any more. */
function* meetTfs(input: Input, header: StfHeader, span: TfSpan | undefined): Parsing<{ met: Met[]; tail: TailBytes }> {
  const met: Met[] = [];
  // Ends: each round takes the header of a TF, and what is short at the end of the file is none.
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
      passedBytes < restBytes ? 'the file ends in it' : problemOf(head, crc, { header, span, before: met.at(-1) });
    met.push({ ...head, offsetBytes, ...(problem === undefined ? {} : { problem }) });
  }
}

type Around = {
  readonly header: StfHeader;
  readonly span: TfSpan | undefined;
  readonly before: Met | undefined;
};
type Head = Omit<Met, 'offsetBytes' | 'problem'>;

const problemOf = (head: Head, crc: number, { header, span, before }: Around): string | undefined => {
  if (crc !== head.crc32c) return 'its CRC-32C is wrong';
  if (span !== undefined && !holdsTf(span, head.tf))
    return `it is not of run ${header.run}, sequence ${header.sequence}`;
  const bxPerTf = BigInt(header.bxPerTf);
  if (head.bxFirst !== bxFieldOf(head.tf, bxPerTf) || head.bxCount !== bxPerTf)
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

const numbersOf = (header: StfHeader): TfSpan | string => {
  try {
    if (header.bxPerTf === 0) return 'it has no BXs a TF';
    return spanOf(header);
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
};

const decimal = ({ tfFirst, tfEnd }: TfRange) => ({ tfFirst: String(tfFirst), tfEnd: String(tfEnd) });

/** Joins TFs, which are in order, where they follow each other within a block. O(n). */
const rangesOf = (met: readonly Met[]): TfRange[] => {
  const ranges: TfRange[] = [];
  let [tfFirst, tfEnd] = [met[0]?.tf ?? 0n, met[0]?.tf ?? 0n];
  for (const { tf } of met) {
    if (tf !== tfEnd) {
      ranges.push({ tfFirst, tfEnd });
      tfFirst = tf;
    }
    tfEnd = tf + 1n;
  }
  return tfFirst === tfEnd ? ranges : [...ranges, { tfFirst, tfEnd }];
};

const contentOf = (header: StfHeader, span: TfSpan, met: readonly Met[], { firstByte }: TailBytes): StfContent => {
  const ranges = rangesOf(met);
  return {
    layout: 'papilio-stf-1',
    tfsPerStf: header.tfsPerStf,
    bxPerTf: header.bxPerTf,
    tfCount: met.length,
    tfRanges: ranges.map(decimal),
    tfsMissing: missingIn(span, ranges).map(decimal),
    indexFirstByte: firstByte,
    state: header.state,
    substate: header.substate,
  };
};
