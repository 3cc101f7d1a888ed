import * as z from 'zod';
import { problemOf } from '#lib/errors';
import { defineFunction } from '#lib/function';
import { quarantineMessage } from '#lib/quarantine';
import { Problem, StfMessage } from '#schema/daq-message';

const name = 'hold-stf';

/** Keeps the message of an STF that could not be catalogued, with the reason: nobody would miss it otherwise. */
export const holdStf = defineFunction({
  name,
  effect: 'named',
  input: z.object({
    message: StfMessage,
    failure: z.object({ Error: z.string(), Cause: z.string().default('') }),
  }),
  output: Problem,
  run: async ({ message, failure }, deps) => {
    const problem = problemOf(failure.Cause || failure.Error);
    await quarantineMessage({ ...message, raw: JSON.stringify(message.fact) }, problem, name, deps);
    return problem;
  },
});
