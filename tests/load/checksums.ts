import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { adler32, crc32c, createChecksums } from '#lib/model/checksum';
import { createStfWalk } from '#lib/model/stf-walk';
import { writeStf } from '../../local/sim/daq/generator.ts';
import { aFolder } from '../builders/a-folder.ts';
import type { BenchmarkOptions, Result, Row } from './benchmark.ts';
import { median, rounded } from './figures.ts';
import { installPeer, loadFrom } from './peers.ts';

export const name = 'checksums';
export const about =
  'Adler-32, CRC-32C and the walk through the TFs in one pass, in GB/s a core, against copies of memory';

/** As files are read. */
const pieceBytes = 1_000_000;
const stfBytes = 200_000_000;
const rounds = 7;

type Pass = { readonly name: string; readonly run: (pieces: readonly Uint8Array[]) => void };

const HashWasm = z.object({
  createAdler32: z.custom<() => Promise<{ init: () => void; update: (bytes: Uint8Array) => void }>>(
    (value) => typeof value === 'function',
  ),
});

const each =
  (see: (piece: Uint8Array) => void): Pass['run'] =>
  (pieces) => {
    for (const piece of pieces) see(piece);
  };

/** All that an STF's bytes go through while they are archived, apart from the disk. */
const archivePass: Pass['run'] = (pieces) => {
  const checksums = createChecksums();
  const walk = createStfWalk();
  for (const piece of pieces) {
    checksums.update(piece);
    walk.update(piece);
  }
  if (walk.end().kind !== 'sound') throw new Error('the STF of the benchmark is not sound');
};

const copyPass = (sizeBytes: number): Pass['run'] => {
  const target = Buffer.alloc(sizeBytes);
  return (pieces) => {
    let at = 0;
    for (const piece of pieces) {
      target.set(piece, at);
      at += piece.length;
    }
  };
};

const peerPass = async (say: BenchmarkOptions['say']): Promise<Pass> => {
  const { createAdler32 } = HashWasm.parse(loadFrom(await installPeer('hash-wasm', say), 'hash-wasm'));
  const hasher = await createAdler32();
  hasher.init();
  return { name: 'Adler-32 of hash-wasm', run: each((piece) => hasher.update(piece)) };
};

/** GB/s of each pass, taking turns, in medians; and how much of the time of a copy of the whole it takes. */
const measure = (passes: readonly Pass[], pieces: readonly Uint8Array[]): Map<string, number> => {
  const sizeBytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const rates = new Map<string, number[]>(passes.map(({ name }) => [name, []]));
  // Round 0 warms up and is thrown away.
  for (let round = 0; round <= rounds; round++) {
    for (const { name, run } of passes) {
      const startedMs = performance.now();
      run(pieces);
      const gbPerS = sizeBytes / 1e6 / (performance.now() - startedMs);
      if (round > 0) rates.get(name)?.push(gbPerS);
    }
  }
  return new Map([...rates].map(([name, all]) => [name, median(all)]));
};

/** Reads an STF of 200 MB from memory in pieces, in each of the ways. */
export const run = async ({ scale, say }: BenchmarkOptions): Promise<Result> => {
  using folder = aFolder();
  const path = join(folder.path, 'stf');
  const sizeBytes = Math.round(stfBytes * scale);
  say(`makes an STF of ${rounded(sizeBytes / 1e6)} MB`);
  const spec = { run: 102_363, sequence: 1, seed: 7, state: 'run', substate: 'physics' };
  await writeStf(path, { ...spec, sizeBytes });
  const bytes = await readFile(path);
  const pieces = Array.from({ length: Math.ceil(bytes.length / pieceBytes) }, (_, at) =>
    bytes.subarray(at * pieceBytes, (at + 1) * pieceBytes),
  );
  const [copy, adler, all] = ['copy of memory', 'Adler-32', 'Adler-32, CRC-32C and the TFs'] as const;
  const peer = await peerPass(say);
  const measured = measure(
    [
      { name: copy, run: copyPass(bytes.length) },
      { name: adler, run: each((piece) => adler32(piece)) },
      peer,
      { name: 'CRC-32C', run: each((piece) => crc32c(piece)) },
      { name: all, run: archivePass },
    ],
    pieces,
  );
  const rateOf = (pass: string): number => measured.get(pass) ?? 0;
  const rows = [...measured].map(
    ([pass, gbPerS]): Row => ({
      pass,
      'GB/s': rounded(gbPerS),
      'share of a copy': rounded(gbPerS / rateOf(copy)),
    }),
  );
  return {
    tables: { [`${rounded(bytes.length / 1e6)} MB in pieces of 1 MB, one core, medians of ${rounds}`]: rows },
    bars: [
      { what: 'Adler-32', measured: rounded(rateOf(adler)), unit: 'GB/s', atLeast: 4 },
      {
        what: 'Adler-32 against hash-wasm',
        measured: rounded(rateOf(adler) / rateOf(peer.name)),
        unit: '×',
        atLeast: 1,
      },
      { what: 'all in one pass', measured: rounded(rateOf(all)), unit: 'GB/s', atLeast: 1.5 },
    ],
    notes: ['the walk takes CRC-32C once more, TF by TF, so all together have at most 1 / (1/Adler + 2/CRC)'],
  };
};
