import { parentPort } from 'node:worker_threads';
import { evaluate } from './evaluate.ts';
import type { Job } from './lane.ts';

/** The thread in which expressions are evaluated: it may be ended at any moment. Its first message says that it is ready. */
const take = async ({ question, limitMs }: Job): Promise<void> => {
  // As text: the answer is then exactly what the journal will hold.
  parentPort?.postMessage(JSON.stringify(await evaluate(question, limitMs)));
};

parentPort?.on('message', take);
parentPort?.postMessage('');
