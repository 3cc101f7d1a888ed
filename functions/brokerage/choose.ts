import type { Considered, PlacementRequest } from '#schema/assignment';
import type { Drain, Facility, FacilityQueue } from '#schema/facility';
import { policy } from './policy.ts';

/** A queue as the broker sees it: its record, and how many of its slots hold or await a job. */
export type QueueView = { readonly facility: Facility; readonly queue: FacilityQueue; readonly used: number };

/** Where one request goes, or nowhere now; with every queue's judgement. */
export type Decision = {
  readonly request: PlacementRequest;
  readonly chosen: QueueView | undefined;
  readonly considered: readonly Considered[];
};

export const queueKey = (facility: string, queue: string): string => `${facility}/${queue}`;

/**
 * Decides for all that waits: by priority, then age, each to the eligible queue with the highest score
 * (score = free share × weight + penalty for a facility that failed this job); never above a queue's slots.
 * Cost O(n log n + n × queues).
 */
export const choose = (requests: readonly PlacementRequest[], views: readonly QueueView[]): Decision[] => {
  const used = new Map(views.map((view) => [queueKey(view.facility.name, view.queue.name), view.used]));
  return [...requests].sort(byPriorityThenAge).map((request) => {
    const considered = views.map((view) =>
      consider(request, view, used.get(queueKey(view.facility.name, view.queue.name)) ?? 0),
    );
    const best = considered.filter((c) => c.isEligible).sort((a, b) => b.score - a.score)[0];
    const chosen = best && views.find((view) => view.facility.name === best.facility && view.queue.name === best.queue);
    if (best) used.set(queueKey(best.facility, best.queue), (used.get(queueKey(best.facility, best.queue)) ?? 0) + 1);
    return { request, chosen, considered };
  });
};

const byPriorityThenAge = (a: PlacementRequest, b: PlacementRequest): number =>
  b.priority - a.priority ||
  Number(a.requestedAt > b.requestedAt) - Number(a.requestedAt < b.requestedAt) ||
  Number(a.jobId > b.jobId) - Number(a.jobId < b.jobId);

const consider = (request: PlacementRequest, { facility, queue }: QueueView, used: number): Considered => {
  const free = queue.slots - used;
  const factors = {
    freeShare: queue.slots === 0 ? 0 : (Math.max(0, free) / queue.slots) * policy.freeShareWeight,
    failedBefore: request.avoid.includes(facility.name) ? policy.failedBeforeWeight : 0,
  };
  const against = objection(request, facility, queue, free);
  const score = factors.freeShare + factors.failedBefore;
  return { facility: facility.name, queue: queue.name, isEligible: against === undefined, score, factors, ...against };
};

const objection = (
  request: PlacementRequest,
  facility: Facility,
  queue: FacilityQueue,
  free: number,
): { reason: string; wouldNeed: string } | undefined => {
  if (facility.drain) return drained(facility.name, facility.drain);
  if (!facility.isOnline || !queue.isOnline)
    return { reason: 'offline', wouldNeed: `${facility.name}/${queue.name} back online` };
  const { cores, memoryMb } = request.resources;
  if (cores > queue.coresPerSlot)
    return {
      reason: `${cores} cores asked, ${queue.coresPerSlot} a slot`,
      wouldNeed: `a queue with ${cores} cores a slot`,
    };
  if (memoryMb > queue.memoryMbPerSlot)
    return {
      reason: `${memoryMb} MB asked, ${queue.memoryMbPerSlot} MB a slot`,
      wouldNeed: `a queue with ${memoryMb} MB a slot`,
    };
  if (free <= 0) return { reason: `all ${queue.slots} slots are taken`, wouldNeed: 'a slot that comes free' };
  return undefined;
};

const drained = (name: string, { by, why, sinceAt, untilAt }: Drain): { reason: string; wouldNeed: string } => ({
  reason: `drained by ${by} since ${sinceAt} because ${why}`,
  wouldNeed: `papilio site resume ${name}${untilAt === undefined ? '' : `, or its end at ${untilAt}`}`,
});
