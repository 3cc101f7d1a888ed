import * as z from 'zod';
import { type CommandOf, defineCommands, onAction } from '#lib/command';
import type { Deps } from '#lib/deps';
import { PapilioError } from '#lib/errors';
import { readProcessing, reviewProcessing, tellBroker, wasCarriedOut } from '#lib/processing';

const name = 'steer-processing';
/** What a revision has room for. */
const reasonMax = 300;
const NoData = z.object({});
type Asked = CommandOf<typeof NoData>;

/** Holds processing: archiving goes on, STFs wait at the broker until it is resumed. */
const suspend = async ({ id, by, why }: Asked, deps: Deps): Promise<void> => {
  const holdsBecause = `${by}: ${why}`.slice(0, reasonMax);
  if (!(await wasCarriedOut(id, deps)))
    await reviewProcessing({ actor: by, causeId: id, operator: { holdsBecause } }, deps);
  await tellBroker(deps);
};

/** Ends an operator's hold: all that waits is placed, unless the detector's state suspends it too. @throws processing-not-held */
const resume = async ({ id, by }: Asked, deps: Deps): Promise<void> => {
  if (!(await wasCarriedOut(id, deps))) {
    const { value, isHeld } = await readProcessing(deps);
    if (!isHeld) throw new PapilioError('processing-not-held', `processing is ${value}`);
    await reviewProcessing({ actor: by, causeId: id, operator: { holdsBecause: undefined } }, deps);
  }
  await tellBroker(deps);
};

/** Suspends and resumes processing for an operator, in the order in which it is asked. @see 3.2 */
export const steerProcessing = defineCommands(name, {
  'processing.suspend': onAction(NoData, suspend),
  'processing.resume': onAction(NoData, resume),
});
