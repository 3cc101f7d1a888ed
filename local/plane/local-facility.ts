import { availableParallelism, totalmem } from 'node:os';
import { change, commit } from '#lib/change';
import type { Deps } from '#lib/deps';
import { facilities } from '#lib/records';
import type { Facility } from '#schema/facility';

/** The facility that every work plane has: this machine. */
export const localFacility = 'local';

/** Slots of this machine; by default one core is left to papilio itself. */
export const slotsOf = (configured: number | undefined): number =>
  configured ?? Math.max(1, availableParallelism() - 1);

const memoryShare = 0.8;

const recordOf = (id: string, slots: number): Facility => ({
  id,
  name: localFacility,
  kind: 'local',
  isOnline: true,
  queues: [
    {
      name: 'default',
      slots,
      coresPerSlot: 1,
      memoryMbPerSlot: Math.max(1, Math.floor((totalmem() * memoryShare) / 1e6 / slots)),
      isOnline: true,
    },
  ],
});

/** Writes the record of this machine when it is missing or its size changed. What an operator set otherwise stays. */
export const ensureLocalFacility = async (deps: Deps, slots: number): Promise<void> => {
  const id = deps.ids.of('facility', localFacility);
  const stored = await facilities.get(deps.store, id);
  const fresh = recordOf(id, slots);
  const size = fresh.queues[0];
  const known = stored?.doc.queues.find((queue) => queue.name === size?.name);
  if (known?.slots === size?.slots && known?.memoryMbPerSlot === size?.memoryMbPerSlot) return;
  const doc: Facility = { ...stored?.doc, ...fresh, isOnline: stored?.doc.isOnline ?? true };
  const write = facilities.put(id, doc, stored?.version ?? 0);
  await commit(deps, [
    change(deps, id, write, { type: 'facility.changed', by: 'plane', data: { name: localFacility, slots } }),
  ]);
};
