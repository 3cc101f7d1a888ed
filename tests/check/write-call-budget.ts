import { writeFile } from 'node:fs/promises';
import { callBudgetPath } from '../builders/call-budget.ts';
import { measureCalls } from '../builders/measure-calls.ts';

/* Writes down what the first path costs now, on purpose: `node tests/check/write-call-budget.ts`, then `npm run docs`. */
await writeFile(callBudgetPath, `${JSON.stringify(await measureCalls(), null, 2)}\n`);
process.exit(0);
