import * as z from 'zod';
import { problemOf } from '#lib/errors';
import { defineFunction } from '#lib/function';
import { quarantineMessage as quarantine } from '#lib/quarantine';
import { DaqMessage } from '#schema/daq-message';

const name = 'quarantine-message';

/** Keeps a message whose archiving failed for good, with the reason; its file stays in the incoming folder. */
export const quarantineMessage = defineFunction({
  name,
  effect: 'named',
  input: z.object({ message: DaqMessage, failure: z.object({ Error: z.string(), Cause: z.string().default('') }) }),
  output: z.object({ code: z.string() }),
  run: async ({ message, failure }, deps) => {
    const problem = problemOf(failure.Cause || failure.Error);
    await quarantine(message, problem, name, deps);
    return { code: problem.code };
  },
});
