import * as z from 'zod';
import { defineFunction, eachItem } from '#lib/function';
import { answerRow } from '#lib/outbox';
import { outbox } from '#lib/records';

const name = 'answer-tokens';

/** The safety net of the outbox: answers tokens whose answer was cut off by a crash. */
export const answerTokens = defineFunction({
  name,
  effect: 'named',
  input: z.object({}),
  output: z.object({ answered: z.int(), failed: z.int() }),
  run: async (_, deps) => {
    const { items } = await outbox.list(deps.store, 'i1', 'outbox', { limit: 1000 });
    const rows = items.map((row) => ({ itemId: row.doc.id, row }));
    const failed = await eachItem(rows, name, deps, ({ row }) => answerRow(row, name, deps));
    return { answered: rows.length - failed.length, failed: failed.length };
  },
});
