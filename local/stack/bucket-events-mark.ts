import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { hasCode } from '../engine/disk.ts';
import { writeWhole } from './write-whole.ts';

const Mark = z.object({ format: z.literal(1), putBefore: z.iso.datetime() });

/** How far a bucket has been told of: all that was put before a moment is in the queue. 0 where nothing is known. */
export const bucketEventsMark = (path: string) => ({
  read: async (): Promise<number> => {
    try {
      const mark = Mark.safeParse(JSON.parse(await readFile(path, 'utf8')));
      // What cannot be read is told again from the beginning: duplicates are harmless, a gap is not.
      return mark.success ? Date.parse(mark.data.putBefore) : 0;
    } catch (error) {
      if (hasCode(error, 'ENOENT') || error instanceof SyntaxError) return 0;
      throw error;
    }
  },
  write: (atMs: number): Promise<void> =>
    writeWhole(path, `${JSON.stringify({ format: 1, putBefore: new Date(atMs).toISOString() })}\n`),
});

/** The mark of a bucket's events. */
export type BucketEventsMark = ReturnType<typeof bucketEventsMark>;
