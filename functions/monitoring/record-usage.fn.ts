import { createHash } from 'node:crypto';
import * as z from 'zod';
import { untilNoConflict } from '#lib/change';
import type { Deps } from '#lib/deps';
import { defineFunction } from '#lib/function';
import { usageBatches, usageDays } from '#lib/records';
import { type UsageCount, type UsageDay, UsageFacts } from '#schema/usage';
import { usageBatchKeptDays, usageKeptDays } from './policy.ts';

const dayMs = 86_400_000;

const idOf = ({ hourAt, who, token, client, method, route, status }: UsageCount, { ids }: Deps): string => {
  const hash = createHash('sha256').update(JSON.stringify([who, token, client, method, route, status]));
  return ids.of('usage', `${hourAt.slice(0, 10)}-${hash.digest('hex').slice(0, 32)}`);
};

/** What a count adds to its day. */
const added = (day: UsageDay, { hourAt, requests }: UsageCount): UsageDay => {
  const hour = new Date(hourAt).getUTCHours();
  return { ...day, hours: day.hours.map((count, at) => (at === hour ? count + requests : count)) };
};

const emptyDay = (id: string, { hourAt, requests: _, ...way }: UsageCount): UsageDay => ({
  ...way,
  id,
  day: hourAt.slice(0, 10),
  hours: Array.from({ length: 24 }, () => 0),
});

const inDays = (ms: number, days: number): string => new Date(ms + days * dayMs).toISOString();

/** Adds a batch to the days of its counts, once: the batch is written down with what it has changed. */
const addBatch = async ({ batch, counts }: UsageFacts, deps: Deps): Promise<void> => {
  const { store, clock } = deps;
  if (await usageBatches.get(store, batch)) return;
  const byDay = new Map<string, UsageCount[]>();
  for (const count of counts) {
    const id = idOf(count, deps);
    byDay.set(id, [...(byDay.get(id) ?? []), count]);
  }
  const ids = [...byDay.keys()];
  const known = await usageDays.getMany(store, ids);
  const days = ids.flatMap((id, at) => {
    const [first, ...more] = byDay.get(id) ?? [];
    if (first === undefined) return [];
    const day = [first, ...more].reduce(added, known[at]?.doc ?? emptyDay(id, first));
    const expiresAt = inDays(Date.parse(day.day), usageKeptDays);
    return [{ ...usageDays.put(id, day, known[at]?.version ?? 0), expiresAt }];
  });
  const expiresAt = inDays(clock.nowMs(), usageBatchKeptDays);
  const counted = { ...usageBatches.put(batch, { batch, countedAt: deps.now() }, 0), expiresAt };
  await store.transact({ writes: [...days, counted], events: [] });
};

/** Keeps what the front has counted of requests, by hour and day; what comes twice counts once. @see 11.8 */
export const recordUsage = defineFunction({
  name: 'record-usage',
  effect: 'named',
  input: UsageFacts,
  output: z.object({}),
  run: async (facts, deps) => {
    await untilNoConflict(() => addBatch(facts, deps));
    return {};
  },
});
