import { readFileSync } from 'node:fs';
import * as z from 'zod';

const Made = z.record(z.string(), z.record(z.string(), z.int().min(0)));

/** What was measured of so many STFs that came together. */
const Measured = z.object({
  stfs: z.int(),
  /** How often each call was made, by who made it. */
  calls: Made,
  /** Executions that began, by their machine. */
  executions: z.record(z.string(), z.int()),
  /** States that were entered. */
  transitions: z.int(),
});
export type Measured = z.infer<typeof Measured>;

/** The calls of the first path: of one STF, of ten that come together, of the end of their run, and of a minute without work. */
export const CallBudget = z.object({ one: Measured, ten: Measured, end: Measured, minute: z.object({ calls: Made }) });
export type CallBudget = z.infer<typeof CallBudget>;

/** The budget that the repository keeps. */
export const callBudgetPath = new URL('../contract/call-budget.json', import.meta.url);

/** What the repository says the first path may cost. */
export const readCallBudget = (): CallBudget => CallBudget.parse(JSON.parse(readFileSync(callBudgetPath, 'utf8')));
