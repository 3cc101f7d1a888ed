import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import { jsonOf } from '#lib/model/json';
import { segmentOf } from '#lib/model/tf-index';
import type { RecordedAct } from '#ports/e1-data';
import type { Objects } from '#ports/objects';
import { U64 } from '#schema/tf';
import { actKey } from './part.ts';

/** An act as it is recorded, for ever. */
const Act = z.object({
  number: z.int().min(1),
  id: z.string().min(1).max(80),
  act: z.enum(['withdraw', 'replace']),
  tfFirst: U64,
  tfEnd: U64,
  by: z.string().trim().min(1).max(120),
  why: z.string().trim().min(1).max(500),
  at: z.iso.datetime(),
});

const keyOf = (number: number): string => `acts/${actKey(number)}`;

/** All acts, in the order in which they were recorded. @throws object-corrupt when one is missing or damaged */
export const loadActs = async (objects: Objects): Promise<RecordedAct[]> => {
  let count = 0;
  for await (const _ of objects.list('acts/')) count += 1;
  const acts: RecordedAct[] = [];
  for (let number = 1; number <= count; number++) {
    if ((await objects.stat(keyOf(number))) === undefined)
      throw new PapilioError(
        'object-corrupt',
        `${keyOf(number)} is gone: it cannot be told which TFs may be given out`,
      );
    await objects.verify(keyOf(number));
    const act = Act.safeParse(jsonOf(Buffer.from(await objects.read(keyOf(number))).toString()));
    if (!act.success || act.data.number !== number)
      throw new PapilioError('object-corrupt', `${keyOf(number)} is no act`);
    acts.push(act.data);
  }
  return acts;
};

/** Records an act; it is on the medium when it returns. @throws input-invalid */
export const recordAct = async (objects: Objects, act: RecordedAct): Promise<RecordedAct> => {
  const encoded = Act.safeEncode(act);
  if (!encoded.success) throw new PapilioError('input-invalid', z.prettifyError(encoded.error));
  if (act.tfEnd <= act.tfFirst || segmentOf(act.tfFirst).run !== segmentOf(act.tfEnd - 1n).run)
    throw new PapilioError('input-invalid', `TFs ${act.tfFirst} to before ${act.tfEnd} are no range of one run`);
  await objects.putBytes(keyOf(act.number), Buffer.from(JSON.stringify(encoded.data)));
  return act;
};
