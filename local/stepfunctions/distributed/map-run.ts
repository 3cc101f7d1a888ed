import type { Home } from '../identity.ts';
import type { DistributedMap, Machine, Outcome, Turn } from '../model.ts';
import { notRedrivable } from '../redrive/eligibility.ts';
import type { Execution } from '../registry.ts';
import { StartOrder } from '../start-order.ts';
import type { Stimulus } from '../stimulus.ts';
import type { MapLimits, MapRequest } from './map-request.ts';

type Status = Outcome['status'] | 'RUNNING' | 'PENDING_REDRIVE';

/** How many are in each state. */
export type Counts = Readonly<Record<Status, number>>;

/** Which part of a map run's items a child works on. */
export type Share = { readonly run: MapRun; readonly index: number; readonly itemCount: number };

/** The children of a distributed Map: what they are, how many, and how far its items have gone to them. */
export type MapRun = {
  readonly id: string;
  /** The execution whose Map it is, and what that waits for. */
  readonly parent: Execution;
  pending: number;
  readonly stateName: string;
  readonly label: string;
  readonly home: Home;
  readonly machine: Machine;
  readonly isExpress: boolean;
  readonly startedAtMs: number;
  stoppedAtMs: number | undefined;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  limits: MapLimits;
  hasWriter: boolean;
  redriveCount: number;
  redrivenAtMs: number | undefined;
  /** Children that a redrive has not come to yet, in order of their items. */
  readonly toRedrive: Set<Execution>;
  /** In order of their items. */
  readonly children: StartOrder;
  /** Items given to children so far: where reading goes on after a restart. */
  itemsStarted: number;
  /** Items known of; those of a reader are known when they have been read. */
  itemsKnown: number;
  /** Items that have been read since this engine started; nothing that is kept depends on it. */
  itemsRead: number;
  itemCounts: Counts;
  childCounts: Counts;
  /** Wakes who feeds it; only while it is fed. */
  changed: (() => void) | undefined;
};

const NONE: Counts = { RUNNING: 0, SUCCEEDED: 0, FAILED: 0, TIMED_OUT: 0, ABORTED: 0, PENDING_REDRIVE: 0 };

const moved = (counts: Counts, from: Status | undefined, to: Status, by: number): Counts => ({
  ...counts,
  ...(from && { [from]: counts[from] - by }),
  [to]: counts[to] + by,
});

/** The ARN of a map run. */
export const mapRunArn = (run: Pick<MapRun, 'id' | 'label' | 'parent'>): string => {
  const { home } = run.parent.identity;
  return `${home.machineArn.replace(':stateMachine:', ':mapRun:')}/${run.label}:${run.id}`;
};

/** What the children of a Map have in common. */
const childHome = ({ version: _version, alias: _alias, ...home }: Home, label: string): Home => ({
  ...home,
  machineName: `${home.machineName}/${label}`,
  machineArn: `${home.machineArn}/${label}`,
  executionPrefix: home.executionPrefix.replace(/:$/, `/${label}:`),
});

/** A map run before its first child. */
export const newMapRun = (
  parent: Execution,
  map: DistributedMap,
  began: { pending: number; id: string; stateName: string; atMs: number; limits: MapLimits },
): MapRun => ({
  id: began.id,
  parent,
  pending: began.pending,
  stateName: began.stateName,
  label: map.label,
  home: childHome(parent.identity.home, map.label),
  machine: { ...map.machine, definition: parent.machine.definition },
  isExpress: map.isExpress,
  startedAtMs: began.atMs,
  stoppedAtMs: undefined,
  status: 'RUNNING',
  limits: began.limits,
  hasWriter: false,
  redriveCount: 0,
  redrivenAtMs: undefined,
  toRedrive: new Set(),
  children: new StartOrder(),
  itemsStarted: 0,
  itemsKnown: 0,
  itemsRead: 0,
  itemCounts: NONE,
  childCounts: NONE,
  changed: undefined,
});

const moveShare = (run: MapRun, share: Share, from: Status | undefined, to: Status): void => {
  run.itemCounts = moved(run.itemCounts, from, to, share.itemCount);
  run.childCounts = moved(run.childCounts, from, to, 1);
};

/** Lets a map run go on whose parent was redriven: its unsuccessful children wait for their turn. */
const redrive = (run: MapRun, pending: number, atMs: number): void => {
  Object.assign(run, { status: 'RUNNING', stoppedAtMs: undefined, pending, redrivenAtMs: atMs });
  run.redriveCount += 1;
  for (const child of run.children) {
    if (!child.share || !child.outcome || notRedrivable(child, atMs)) continue;
    run.toRedrive.add(child);
    moveShare(run, child.share, child.outcome.status, 'PENDING_REDRIVE');
  }
};

/** Nothing, if the same turn has given up the wait again. */
const begun = (execution: Execution, pending: number, request: MapRequest, atMs: number): readonly MapRun[] => {
  const state = execution.run?.pending.get(pending)?.state;
  if (!state?.distributed) return [];
  const { id, limits } = request;
  const former = execution.mapRuns?.find((each) => each.id === id);
  if (former) {
    redrive(former, pending, atMs);
    return [];
  }
  const run = newMapRun(execution, state.distributed, { pending, id, stateName: state.name, atMs, limits });
  run.itemsKnown = request.items?.length ?? 0;
  run.hasWriter = request.writer?.target !== undefined;
  return [run];
};

const endOf = (run: MapRun, stimulus: Stimulus | undefined): MapRun['status'] => {
  if (!stimulus || !('pending' in stimulus) || stimulus.pending !== run.pending) return 'ABORTED';
  return stimulus.type === 'succeeded' ? 'SUCCEEDED' : 'FAILED';
};

const closeWaited = (runs: readonly MapRun[], pending: number, stimulus: Stimulus | undefined, atMs: number): void => {
  const run = runs.find((each) => each.pending === pending && each.status === 'RUNNING');
  if (!run) return;
  run.status = endOf(run, stimulus);
  run.stoppedAtMs = atMs;
  for (const { share, outcome } of run.toRedrive) {
    if (share && outcome) moveShare(run, share, 'PENDING_REDRIVE', outcome.status);
  }
  run.toRedrive.clear();
};

const NO_RUNS: readonly MapRun[] = [];

/** The map runs that a turn of their parent has begun; those that it has ended are closed. */
export const noteTurn = (execution: Execution, turn: Turn, stimulus: Stimulus | undefined): readonly MapRun[] => {
  let begunRuns = NO_RUNS;
  for (const command of turn.commands) {
    if (command.type === 'request' && command.request.type === 'mapRun') {
      begunRuns = [...begunRuns, ...begun(execution, command.pending, command.request, turn.atMs)];
    } else if (command.type === 'cancel' && execution.mapRuns) {
      closeWaited(execution.mapRuns, command.pending, stimulus, turn.atMs);
    }
  }
  return begunRuns;
};

/** Counts a child that has started. */
export const noteStarted = (child: Execution, share: Share): void => {
  const { run, itemCount } = share;
  run.children.add(child);
  run.itemsStarted += itemCount;
  run.itemsKnown = Math.max(run.itemsKnown, run.itemsStarted);
  moveShare(run, share, undefined, 'RUNNING');
};

/** Counts a child that a redrive has come to. */
export const noteRedriven = (child: Execution, share: Share): void => {
  share.run.toRedrive.delete(child);
  moveShare(share.run, share, 'PENDING_REDRIVE', 'RUNNING');
};

/** Counts a child that has ended. */
export const noteEnded = (share: Share, status: Outcome['status']): void => {
  moveShare(share.run, share, 'RUNNING', status);
  share.run.changed?.();
};

/** A Map's result has room for so many children; those of a larger map run without a writer need not be remembered. */
const MOST_RESULTS = 131_072;

/** True while an ended execution is still needed: a child for its Map's result, a parent for its children, which go first. */
export const isHeld = ({ share, mapRuns }: Execution): boolean =>
  (share?.run.status === 'RUNNING' && (share.run.hasWriter || share.run.children.size < MOST_RESULTS)) ||
  (mapRuns?.some(({ children }) => children.size > 0) ?? false);

/** True if more items have failed than the map run tolerates. Percentages wait until all items are known. */
export const isExceeded = (run: MapRun, isWhole: boolean): boolean => {
  const failed = run.itemCounts.FAILED + run.itemCounts.TIMED_OUT;
  const { toleratedCount, toleratedPercentage } = run.limits;
  if (toleratedCount === undefined && toleratedPercentage === undefined) return failed > 0;
  if (toleratedCount !== undefined && failed > toleratedCount) return true;
  return toleratedPercentage !== undefined && isWhole && failed * 100 > toleratedPercentage * run.itemsKnown;
};

/** How many children a map run has started. */
export const childrenOf = ({ childCounts }: MapRun): number =>
  Object.values(childCounts).reduce((sum, count) => sum + count, 0);
