import { join } from 'node:path';
import { asPapilioError } from '#lib/errors';
import { nodeDisk } from '#lib/node-disk';
import { turn } from '#lib/turn';
import { chainStart } from './chain.ts';
import { fileSha256 } from './sealed-file.ts';
import { openSegment } from './segment-files.ts';
import { readBlock } from './segment-format.ts';
import { fileNameOf, type Manifest, mapLevels, type SealedFile } from './segment-manifest.ts';

/** A sealed file that is not as it was written, and the first event that it concerns. */
export type SegmentFault = { readonly seq: number; readonly reason: string };

/** The sealed part of a log, and how it is checked. */
export type SegmentCheck = {
  readonly manifest: Manifest;
  readonly folder: string;
  /** Reads every byte; else names, sizes and order are compared. */
  readonly isDeep: boolean;
  /** Faults after which the check ends. */
  readonly mostFaults: number;
};

const pageFiles = 100;

const adviceFor = ({ level, sha256 }: SealedFile): string =>
  level === 0
    ? `put back a copy of this file from a backup (sha256 ${sha256}); all other events stay readable`
    : 'remove this file and restart: it is made again from the segments';

/** Every text of a segment, chained again. @throws log-segment-corrupt */
const readWhole = async (folder: string, named: SealedFile): Promise<void> => {
  const { file, footer } = openSegment(folder, named);
  try {
    for (const index of footer.blocks.keys()) {
      readBlock(file, footer, index);
      await turn();
    }
  } finally {
    file.close();
  }
};

/** Why a file is not the one that the manifest names. */
const damageOf = async (named: SealedFile, { folder, isDeep }: SegmentCheck): Promise<string | undefined> => {
  const path = join(folder, fileNameOf(named));
  const sizeBytes = await nodeDisk.sizeOf(path);
  if (sizeBytes === undefined) return `${path} is missing`;
  if (sizeBytes !== named.bytes) return `${path} has ${sizeBytes} bytes instead of ${named.bytes}`;
  if (!isDeep) return undefined;
  if ((await fileSha256(nodeDisk, path, turn)) !== named.sha256)
    return `${path} does not match its SHA-256: its bytes have changed since it was sealed`;
  if (named.level > 0) return undefined;
  try {
    await readWhole(folder, named);
    return undefined;
  } catch (thrown) {
    return asPapilioError(thrown).reason;
  }
};

/** The damage of a file, and what to do about it. */
const faultOfFile = async (named: SealedFile, check: SegmentCheck): Promise<string | undefined> => {
  const damage = await damageOf(named, check);
  return damage === undefined ? undefined : `${damage}; ${adviceFor(named)}`;
};

/** Why a segment cannot follow the one before it. */
const faultOfOrder = (named: SealedFile, before: Pick<SealedFile, 'last' | 'hash'>): string | undefined => {
  if (named.level > 0) return undefined;
  if (named.first !== before.last + 1)
    return `segment ${fileNameOf(named)} follows event ${before.last}: what lies between is not in the manifest`;
  if (named.previousHash !== before.hash)
    return `segment ${fileNameOf(named)} does not continue the chain of hashes of the one before it`;
  return undefined;
};

/** All files of a level, page by page. */
async function* filesOf(manifest: Manifest, level: number): AsyncGenerator<SealedFile> {
  let after = 0;
  for (;;) {
    const files = manifest.after(level, after, pageFiles);
    yield* files;
    const last = files.at(-1);
    if (last === undefined) return;
    after = last.last;
    await turn();
  }
}

/** Faults of the segments in order, and of the maps over them, file by file in turns of the loop. */
export const checkSegments = async (check: SegmentCheck): Promise<SegmentFault[]> => {
  const faults: SegmentFault[] = [];
  for (const level of [0, ...mapLevels]) {
    let before: Pick<SealedFile, 'last' | 'hash'> = { last: 0, hash: chainStart };
    for await (const named of filesOf(check.manifest, level)) {
      if (faults.length >= check.mostFaults) return faults;
      const reason = faultOfOrder(named, before) ?? (await faultOfFile(named, check));
      if (reason !== undefined) faults.push({ seq: named.first, reason });
      before = named;
    }
  }
  return faults;
};
