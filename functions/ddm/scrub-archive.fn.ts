import * as z from 'zod';
import { defineFunction } from '#lib/function';
import { archivedFilesOf } from '#lib/model/stored-file';
import { scrubTurn } from '#lib/scrub';

const name = 'scrub-archive';

/** Reads archived STFs and the records of the archive plane again, a little at each call, and names what is damaged. @see ADR 0052 */
export const scrubArchive = defineFunction({
  name,
  effect: 'named',
  input: z.object({}),
  output: z.object({}),
  run: async (_, deps) => {
    await scrubTurn({ by: name, objects: deps.archive, namedBy: archivedFilesOf }, deps);
    return {};
  },
});
