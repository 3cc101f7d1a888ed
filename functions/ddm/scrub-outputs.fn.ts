import * as z from 'zod';
import { defineFunction } from '#lib/function';
import { outputFilesOf } from '#lib/model/stored-file';
import { scrubTurn } from '#lib/scrub';

const name = 'scrub-outputs';

/** Reads outputs of processing and the records of the work plane again, a little at each call, and names what is damaged. @see ADR 0052 */
export const scrubOutputs = defineFunction({
  name,
  effect: 'named',
  input: z.object({}),
  output: z.object({}),
  run: async (_, deps) => {
    await scrubTurn({ by: name, objects: deps.outputs, namedBy: outputFilesOf }, deps);
    return {};
  },
});
