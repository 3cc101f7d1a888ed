import { open } from 'node:fs/promises';
import type { PayloadInput } from '#schema/job';

/** Bytes that are collected before they are written. */
const pieceBytes = 262_144;

/** Writes inputs to a file, one a line, and syncs it; holds no more of them in memory than a piece. */
export const writeInputList = async (path: string, inputs: AsyncIterable<PayloadInput>): Promise<void> => {
  await using file = await open(path, 'w');
  let piece = '';
  for await (const input of inputs) {
    piece += `${JSON.stringify(input)}\n`;
    if (piece.length < pieceBytes) continue;
    await file.writeFile(piece);
    piece = '';
  }
  await file.writeFile(piece);
  await file.sync();
};
