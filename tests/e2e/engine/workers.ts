import { GetActivityTaskCommand } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import type { Clients } from './clients.ts';
import { insist } from './insist.ts';
import { activityArn } from './machines.ts';

const Work = z.object({ id: z.string() });
const crew = 4;

/** Workers of the activity: each takes what there is; one in ten walks away and says nothing. */
export const startWorkers = ({ sfn, answerer, random }: Clients) => {
  const over = new AbortController();
  /** By execution: how often workers were given its work. */
  const given = new Map<string, number>();
  const take = () => sfn.send(new GetActivityTaskCommand({ activityArn }), { abortSignal: over.signal });
  const worker = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const { taskToken, input = '{}' } = await insist(take);
      if (taskToken === undefined) continue;
      const { id } = Work.parse(JSON.parse(input));
      const nth = given.get(id) ?? 0;
      given.set(id, nth + 1);
      if (random() < 0.1) continue;
      // He answers while another one takes the next.
      answerer.answer(id, taskToken, nth).catch(() => undefined);
    }
  };
  const working = Promise.allSettled(Array.from({ length: crew }, worker));
  const end = async (): Promise<void> => {
    over.abort();
    await working;
  };
  return { given, end };
};
