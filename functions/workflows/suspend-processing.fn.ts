import * as z from 'zod';
import { defineCommand } from '#lib/command';
import { reviewProcessing, tellBroker, wasCarriedOut } from '#lib/processing';

const name = 'suspend-processing';
/** What a revision has room for. */
const reasonMax = 300;

/** Holds processing for an operator: archiving goes on, STFs wait at the broker until it is resumed. @see 3.2 */
export const suspendProcessing = defineCommand({
  name,
  action: 'processing.suspend',
  data: z.object({}),
  run: async ({ id, by, why }, deps) => {
    const holdsBecause = `${by}: ${why}`.slice(0, reasonMax);
    if (!(await wasCarriedOut(id, deps)))
      await reviewProcessing({ actor: by, causeId: id, operator: { holdsBecause } }, deps);
    await tellBroker(deps);
  },
});
