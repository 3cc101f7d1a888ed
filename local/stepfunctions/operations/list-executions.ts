import * as z from 'zod';
import { AwsError } from '../../engine/part.ts';
import { mapRunArn } from '../distributed/map-run.ts';
import type { Host } from '../host.ts';
import { Arn } from '../machines/arn.ts';
import { checkType, isListedUnder, namedBy } from '../machines/target.ts';
import { statusOf } from '../redrive/eligibility.ts';
import type { Execution } from '../registry.ts';
import type { StartOrder } from '../start-order.ts';
import { summary } from './execution-fields.ts';
import { LongArn, mapRunOf } from './map-runs.ts';
import { type Operation, operation } from './operation.ts';
import { type Asked, keyOf, type Listing, type NextPage, Paging, pageSize, positionOf, tokenOf } from './paging.ts';

const Input = z.object({
  ...Paging,
  stateMachineArn: Arn.optional(),
  mapRunArn: LongArn.optional(),
  statusFilter: z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE']).optional(),
  redriveFilter: z.enum(['REDRIVEN', 'NOT_REDRIVEN']).optional(),
});

type Filters = Pick<z.infer<typeof Input>, 'stateMachineArn' | 'mapRunArn' | 'statusFilter' | 'redriveFilter'>;

const invalid = (problem: string): AwsError => new AwsError('ValidationException', problem);

const checkFilters = ({ stateMachineArn, mapRunArn: runArn, statusFilter, redriveFilter }: Filters): void => {
  if ((stateMachineArn === undefined) === (runArn === undefined)) {
    throw invalid('Exactly one of stateMachineArn and mapRunArn must be specified');
  }
  if (runArn !== undefined) return;
  if (statusFilter === 'PENDING_REDRIVE')
    throw invalid('mapRunArn must be specified with statusFilter PENDING_REDRIVE');
  if (redriveFilter !== undefined) throw invalid('mapRunArn must be specified with redriveFilter');
};

type Source = { readonly order: StartOrder; readonly isListed: (execution: Execution) => boolean };

/** The executions of a machine or map run, or those started by a version or alias. */
const sourceOf = (host: Host, { stateMachineArn = '', mapRunArn: runArn }: Filters): Source => {
  if (runArn !== undefined) return { order: mapRunOf(host, runArn).children, isListed: () => true };
  const { entry, ...by } = namedBy(host, stateMachineArn);
  checkType(entry, 'STANDARD');
  const isOf = isListedUnder(by);
  // Another execution may have its name, and so its ARN, since it has ended long ago.
  const isNamed = (each: Execution): boolean => entry.executions.get(each.identity.name) === each;
  return { order: host.registry.startedOf(entry.name), isListed: (each) => isOf(each) && isNamed(each) };
};

const isWanted =
  ({ statusFilter, redriveFilter }: Filters) =>
  (execution: Execution): boolean =>
    (statusFilter === undefined || statusOf(execution) === statusFilter) &&
    (redriveFilter === undefined || (redriveFilter === 'REDRIVEN') === (execution.redrives !== undefined));

/** Reads one page from the latest start on; its token stands for the last execution's number. */
const read = (source: Source, filters: Filters, asked: Asked, listing: Listing): [Execution[], NextPage] => {
  const before = Number(positionOf(listing, asked) ?? Number.MAX_SAFE_INTEGER);
  const wanted = isWanted(filters);
  const size = pageSize(asked);
  const items: Execution[] = [];
  for (const execution of source.order.before(before)) {
    if (!wanted(execution) || !source.isListed(execution)) continue;
    const last = items.length === size ? items.at(-1) : undefined;
    if (last) return [items, { nextToken: tokenOf(listing, keyOf(last.identity.serial)) }];
    items.push(execution);
  }
  return [items, {}];
};

const child = (execution: Execution): object => ({
  ...summary(execution),
  ...(execution.share && { mapRunArn: mapRunArn(execution.share.run), itemCount: execution.share.itemCount }),
});

const listExecutions = operation(Input, async (host, { maxResults, nextToken, ...filters }) => {
  checkFilters(filters);
  const { stateMachineArn, mapRunArn: runArn, statusFilter, redriveFilter } = filters;
  const listing = { host, of: ['ListExecutions', stateMachineArn, runArn, statusFilter, redriveFilter] };
  const [items, next] = read(sourceOf(host, filters), filters, { maxResults, nextToken }, listing);
  return { executions: items.map(runArn === undefined ? summary : child), ...next };
});

/** The operation that lists executions. */
export const LIST_OPERATIONS: Readonly<Record<string, Operation>> = { ListExecutions: listExecutions };
