import * as z from 'zod';
import { defineCommand } from '#lib/command';
import { PapilioError } from '#lib/errors';
import { readProcessing, reviewProcessing, tellBroker, wasCarriedOut } from '#lib/processing';

const name = 'resume-processing';

/**
 * Ends an operator's hold: all that waits at the broker is placed, unless the detector's state suspends it too.
 * @throws processing-not-held @see 3.2
 */
export const resumeProcessing = defineCommand({
  name,
  action: 'processing.resume',
  data: z.object({}),
  run: async ({ id, by }, deps) => {
    if (!(await wasCarriedOut(id, deps))) {
      const { value, isHeld } = await readProcessing(deps);
      if (!isHeld) throw new PapilioError('processing-not-held', `processing is ${value}`);
      await reviewProcessing({ actor: by, causeId: id, operator: { holdsBecause: undefined } }, deps);
    }
    await tellBroker(deps);
  },
});
