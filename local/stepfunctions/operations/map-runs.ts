import * as z from 'zod';
import { AwsError } from '../../engine/part.ts';
import { seconds } from '../describe.ts';
import { type Counts, type MapRun, mapRunArn } from '../distributed/map-run.ts';
import type { Host } from '../host.ts';
import { arnOf } from '../identity.ts';
import { Arn, resourceIn } from '../machines/arn.ts';
import { isUnsuccessful, notRedrivable } from '../redrive/eligibility.ts';
import { executionOf, type Operation, operation } from './operation.ts';
import { lastFirst, Paging, page } from './paging.ts';

/** An ARN with a label in it. */
export const LongArn = z.string().min(1).max(2000);

const ByArn = z.object({ mapRunArn: LongArn });

/** Finds a map run by its ARN. */
export const mapRunOf = (host: Host, arn: string): MapRun => {
  const [labeled = '', id = '', ...more] = resourceIn(arn, 'mapRun');
  if (!/^[^/]+\/[^/]+$/.test(labeled) || id === '' || more.length > 0) {
    throw new AwsError('InvalidArn', `Invalid Arn: '${arn}'`);
  }
  const run = host.registry.mapRuns.get(id);
  if (run && mapRunArn(run) === arn) return run;
  throw new AwsError('ResourceNotFound', `Resource not found: '${arn}'`);
};

const counted = (counts: Counts, pending: number, isWritten: boolean, failuresNotRedrivable: number): object => {
  const ended = counts.SUCCEEDED + counts.FAILED + counts.TIMED_OUT + counts.ABORTED;
  return {
    pending,
    running: counts.RUNNING,
    succeeded: counts.SUCCEEDED,
    failed: counts.FAILED,
    timedOut: counts.TIMED_OUT,
    aborted: counts.ABORTED,
    total: pending + counts.RUNNING + counts.PENDING_REDRIVE + ended,
    resultsWritten: isWritten ? ended : 0,
    failuresNotRedrivable,
    pendingRedrive: counts.PENDING_REDRIVE,
  };
};

/** The children that did not succeed and that no redrive runs again, and their items. */
const lostOf = (run: MapRun, nowMs: number): { readonly items: number; readonly children: number } => {
  const { FAILED, TIMED_OUT, ABORTED } = run.childCounts;
  const lost = { items: 0, children: 0 };
  if (FAILED + TIMED_OUT + ABORTED === 0) return lost;
  for (const child of run.children) {
    if (!isUnsuccessful(child) || notRedrivable(child, nowMs) === undefined) continue;
    lost.items += child.share?.itemCount ?? 0;
    lost.children += 1;
  }
  return lost;
};

const describeMapRun = operation(ByArn, async (host, input) => {
  const run = mapRunOf(host, input.mapRunArn);
  const { maxConcurrency, toleratedCount = 0, toleratedPercentage = 0 } = run.limits;
  const isWritten = run.hasWriter && run.status === 'SUCCEEDED';
  const lost = lostOf(run, host.context.clock.nowMs());
  return {
    mapRunArn: input.mapRunArn,
    executionArn: arnOf(run.parent.identity),
    status: run.status,
    startDate: seconds(run.startedAtMs),
    ...(run.stoppedAtMs !== undefined && { stopDate: seconds(run.stoppedAtMs) }),
    maxConcurrency,
    toleratedFailurePercentage: toleratedPercentage,
    toleratedFailureCount: toleratedCount,
    itemCounts: counted(
      run.itemCounts,
      Math.max(run.itemsKnown, run.itemsRead) - run.itemsStarted,
      isWritten,
      lost.items,
    ),
    executionCounts: counted(run.childCounts, 0, isWritten, lost.children),
    redriveCount: run.redriveCount,
    ...(run.redrivenAtMs !== undefined && { redriveDate: seconds(run.redrivenAtMs) }),
  };
});

const listMapRuns = operation(z.object({ ...Paging, executionArn: Arn }), async (host, input) => {
  const { executionArn, ...paging } = input;
  const { mapRuns: all = [] } = executionOf(host, executionArn);
  const listing = { host, of: ['ListMapRuns', executionArn] };
  const { items, next } = page(all.entries(), paging, listing, ([index]) => lastFirst(index));
  const mapRuns = items.map(([, run]) => ({
    executionArn,
    mapRunArn: mapRunArn(run),
    stateMachineArn: run.home.machineArn,
    startDate: seconds(run.startedAtMs),
    ...(run.stoppedAtMs !== undefined && { stopDate: seconds(run.stoppedAtMs) }),
  }));
  return { mapRuns, ...next };
});

const updateMapRun = operation(
  ByArn.extend({
    maxConcurrency: z.number().int().min(0).optional(),
    toleratedFailurePercentage: z.number().min(0).max(100).optional(),
    toleratedFailureCount: z.number().int().min(0).optional(),
  }),
  async (host, { mapRunArn: arn, maxConcurrency, toleratedFailurePercentage, toleratedFailureCount }) => {
    const run = mapRunOf(host, arn);
    if (run.status !== 'RUNNING') {
      throw new AwsError('ValidationException', `Map Run cannot be updated because it is not running: '${arn}'`);
    }
    const given = {
      ...(maxConcurrency !== undefined && { maxConcurrency }),
      ...(toleratedFailurePercentage !== undefined && { toleratedPercentage: toleratedFailurePercentage }),
      ...(toleratedFailureCount !== undefined && { toleratedCount: toleratedFailureCount }),
    };
    await host.write({ kind: 'mapRunUpdated', id: run.id, limits: { ...run.limits, ...given } });
    return {};
  },
);

/** The operations on map runs. */
export const MAP_RUN_OPERATIONS: Readonly<Record<string, Operation>> = {
  DescribeMapRun: describeMapRun,
  ListMapRuns: listMapRuns,
  UpdateMapRun: updateMapRun,
};
