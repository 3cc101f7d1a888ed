import * as z from 'zod';
import { defineFunction } from '#lib/function';
import { archiveKey } from '#lib/model/ids';
import { startNextPasses } from '#lib/next-pass';
import { stfs } from '#lib/records';

/**
 * Looks whether the file of an STF that failed has come into the archive meanwhile, and starts the next pass if it has. What
 * comes later starts it from the catalogue of TFs: so neither order, nor the gap between, loses an STF.
 */
export const seekFile = defineFunction({
  name: 'seek-file',
  effect: 'named',
  input: z.object({ stfId: z.string() }),
  output: z.object({ isArchived: z.boolean() }),
  run: async ({ stfId }, deps) => {
    const { doc: stf } = await stfs.need(deps.store, stfId);
    const isArchived = (await deps.archive.stat(archiveKey(stf.run, stf.name))) !== undefined;
    if (isArchived) await startNextPasses([stfId], deps);
    return { isArchived };
  },
});
