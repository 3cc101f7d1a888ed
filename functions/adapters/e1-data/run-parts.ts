import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import { createChecksums } from '#lib/model/checksum';
import { runKey } from '#lib/model/ids';
import { jsonOf } from '#lib/model/json';
import type { RecordedAct } from '#ports/e1-data';
import type { ObjectFacts, Objects } from '#ports/objects';
import { liveIn, liveOf, type Piece } from './live.ts';
import { crcOf, LINE_BYTES, type Part, readLine, readPartName } from './part.ts';

const Hex32 = z.string().regex(/^[0-9a-f]{8}$/);
const Facts = z.object({ sizeBytes: z.int().min(0), checksumAdler32: Hex32, checksumCrc32c: Hex32 });

/** Where a part lies. */
export const partKey = ({ name }: Part): string => `tfs/${name}`;
/** Where stands that a part was written, and what it was: it outlives the part. */
const ledgerKey = ({ name }: Part): string => `ledger/${name}`;

/** The facts of bytes in memory. */
export const factsOf = (bytes: Uint8Array): ObjectFacts => {
  const checksums = createChecksums();
  checksums.update(bytes);
  const { sizeBytes, adler32, crc32c } = checksums.digest();
  return { sizeBytes, checksumAdler32: adler32, checksumCrc32c: crc32c };
};

/** Writes into the ledger that a part was written. */
export const enterLedger = async (objects: Objects, part: Part, facts: ObjectFacts): Promise<void> => {
  const { sizeBytes, checksumAdler32, checksumCrc32c } = facts;
  const text = JSON.stringify({ sizeBytes, checksumAdler32, checksumCrc32c });
  await objects.putBytes(ledgerKey(part), Buffer.from(text));
};

/** What the ledger says of a part. @throws object-corrupt */
export const ledgerOf = async (objects: Objects, part: Part): Promise<ObjectFacts> => {
  const text = Buffer.from(await objects.read(ledgerKey(part))).toString();
  const facts = Facts.safeParse(jsonOf(text));
  if (facts.success) return facts.data;
  throw new PapilioError('object-corrupt', `${ledgerKey(part)}: the ledger cannot be read`);
};

/** A TF's bytes. @throws object-corrupt, object-missing */
export const readTfIn = async (objects: Objects, part: Part, tf: bigint): Promise<Uint8Array> => {
  const place = Number(tf - part.tfFirst);
  const index = await objects.readRange(partKey(part), place * LINE_BYTES, (place + 1) * LINE_BYTES);
  const line = readLine(index);
  const bytes = line && (await objects.readRange(partKey(part), line.firstByte, line.firstByte + line.sizeBytes));
  if (line && bytes && bytes.length === line.sizeBytes && crcOf(tf, bytes) === line.crc32c) return bytes;
  throw new PapilioError('object-corrupt', `${partKey(part)}: TF ${tf} is damaged, or it is not that TF`);
};

/** By number: a name is as long as its TF needs. */
const inOrder = (a: Part, b: Part): number => {
  if (a.tfFirst !== b.tfFirst) return a.tfFirst < b.tfFirst ? -1 : 1;
  if (a.tfEnd !== b.tfEnd) return a.tfEnd < b.tfEnd ? -1 : 1;
  return a.afterAct - b.afterAct;
};

const namesIn = async (objects: Objects, tree: 'tfs' | 'ledger', run: number): Promise<Part[]> => {
  const parts: Part[] = [];
  for await (const key of objects.list(`${tree}/${runKey(run)}/`)) {
    const part = readPartName(key.slice(tree.length + 1));
    if (part) parts.push(part);
  }
  return parts.toSorted(inOrder);
};

/** Whether each TF of a part is what its number says. */
const isSound = async (objects: Objects, part: Part): Promise<boolean> => {
  try {
    for (let tf = part.tfFirst; tf < part.tfEnd; tf++) await readTfIn(objects, part, tf);
    await objects.verify(partKey(part));
    return true;
  } catch (error) {
    if (error instanceof PapilioError && (error.kind === 'Invalid' || error.kind === 'Missing')) return false;
    throw error;
  }
};

/**
 * What is given out of a run. The ledger decides; a part without a line in it is what a crash left before it was
 * acknowledged, and gets its line if it is sound and hides nothing.
 */
export const loadRun = async (objects: Objects, run: number, acts: readonly RecordedAct[]): Promise<Piece[]> => {
  const entered = await namesIn(objects, 'ledger', run);
  const late = entered.find(({ afterAct }) => afterAct > acts.length);
  if (late)
    throw new PapilioError('object-corrupt', `${late.name} was written after act ${late.afterAct}, which is gone`);
  const known = new Set(entered.map(({ name }) => name));
  const adopted: Part[] = [];
  for (const part of (await namesIn(objects, 'tfs', run)).filter(({ name }) => !known.has(name))) {
    const held = liveIn(liveOf([...entered, ...adopted], acts.slice(0, part.afterAct)), part);
    if (held.length > 0 || part.afterAct > acts.length || !(await isSound(objects, part))) continue;
    await enterLedger(objects, part, await objects.verify(partKey(part)));
    adopted.push(part);
  }
  return liveOf([...entered, ...adopted], acts);
};
