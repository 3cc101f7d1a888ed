import { appendFileSync } from 'node:fs';
import * as z from 'zod';

const Event = z.object({ Records: z.array(z.object({ body: z.string() })) });

/** Notes each word; never gives the loop back at the word `poison`, and throws at `bad`. */
export const handleWord = {
  name: 'handle-word',
  effect: 'none',
  handlerWith: () => async (event: unknown) => {
    const words = Event.parse(event).Records.map((record) => record.body);
    if (words.includes('bad')) throw new Error('a bad word');
    while (words.includes('poison')) {
      // an endless loop, as a poisoned input can cause it
    }
    appendFileSync('words.txt', words.map((word) => `${word}\n`).join(''));
    return { batchItemFailures: [] };
  },
};
