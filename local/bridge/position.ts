import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { replaceFile } from '../supervisor/name-plate.ts';

/** How far a recording was played: where both queues have everything before. */
const positionFile = 'replay.json';
const Position = z.object({ file: z.string(), next: z.int().min(0), isDone: z.boolean() });
export type Position = z.infer<typeof Position>;

/** The position in a recording; its beginning if it was played to its end, or another was played. */
export const readPosition = async (file: string): Promise<Position> => {
  const fresh = { file, next: 0, isDone: false };
  try {
    const known = Position.parse(JSON.parse(await readFile(positionFile, 'utf8')));
    return known.file === file && !known.isDone ? known : fresh;
  } catch {
    return fresh;
  }
};

/** Keeps the position. */
export const writePosition = (position: Position): Promise<void> => replaceFile(positionFile, JSON.stringify(position));
