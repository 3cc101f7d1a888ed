import type { Order } from './child.ts';
import { Lanes } from './lanes.ts';

/**
 * The process in which expressions are evaluated: a thread that runs out of memory can take its whole process with it. This
 * thread never evaluates, so that it can end what is endless, and itself when nobody listens any more.
 */
const lanes = new Lanes();
const open = new Map<number, AbortController>();

const take = async ({ id, question }: Order): Promise<void> => {
  if (!question) {
    open.get(id)?.abort();
    return;
  }
  const controller = new AbortController();
  open.set(id, controller);
  const answers = await lanes.evaluate(question, controller.signal, (isRunning) => process.send?.({ id, isRunning }));
  open.delete(id);
  process.send?.({ id, answers });
};

process.on('message', take);
process.on('disconnect', () => process.exit());
