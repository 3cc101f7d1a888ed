import * as z from 'zod';
import { AwsError } from '../engine/part.ts';
import { sourcesOf } from './dead-letters.ts';
import type { Desk, Operation } from './desk.ts';
import { badValue } from './errors.ts';
import { parseInput } from './input.ts';
import { arnOf } from './names.ts';
import { type Message, nextReady, type Queue, settle } from './queue.ts';
import type { MoveTask } from './records.ts';

const StartInput = z.object({
  SourceArn: z.string(),
  DestinationArn: z.string().optional(),
  MaxNumberOfMessagesPerSecond: z.int().min(1).max(500).optional(),
});
const CancelInput = z.object({ TaskHandle: z.string() });
const ListInput = z.object({ SourceArn: z.string(), MaxResults: z.int().min(1).max(10).default(1) });

const stepSize = 10;
const maxRatePerS = 500;

/** StartMessageMoveTask: moves dead letters back to where they came from, or to one queue. */
export const startMessageMoveTask: Operation = async (desk, input) => {
  const { SourceArn, DestinationArn, MaxNumberOfMessagesPerSecond: ratePerS } = parseInput(StartInput, input);
  const source = sourceAt(desk, SourceArn);
  if (sourcesOf(desk, source).length === 0) {
    throw badValue('SourceArn', SourceArn, 'Source queue must be configured as a Dead Letter Queue.');
  }
  if (source.moves.some(({ status }) => status === 'RUNNING')) {
    throw new AwsError('InvalidParameterValue', 'There is already a task running. Only one active task is allowed.');
  }
  const destination = DestinationArn === undefined ? undefined : desk.queueOfArn(DestinationArn);
  if (DestinationArn !== undefined && destination === undefined) throw noResource(DestinationArn);
  const handle = Buffer.from(`${source.name} ${desk.uuid()}`).toString('base64url');
  settle(source, desk.clock.nowMs());
  const body = {
    queue: source.id,
    atMs: desk.clock.nowMs(),
    handle,
    toMove: source.messages.size,
    ...(destination && { destination: destination.id }),
    ...(ratePerS !== undefined && { ratePerS }),
  };
  await desk.commit({ op: 'start-move', body });
  runMove(desk, source, handle);
  return { TaskHandle: handle };
};

/** CancelMessageMoveTask */
export const cancelMessageMoveTask: Operation = async (desk, input) => {
  const { TaskHandle } = parseInput(CancelInput, input);
  for (const queue of desk.state.byId.values()) {
    const task = runningTask(queue, TaskHandle);
    if (task === undefined) continue;
    await desk.commit({ op: 'end-move', body: { queue: queue.id, handle: TaskHandle, status: 'CANCELLED' } });
    return { ApproximateNumberOfMessagesMoved: task.moved };
  }
  throw new AwsError('ResourceNotFoundException', 'Task does not exist.', 404);
};

/** ListMessageMoveTasks */
export const listMessageMoveTasks: Operation = async (desk, input) => {
  const { SourceArn, MaxResults } = parseInput(ListInput, input);
  const { moves } = sourceAt(desk, SourceArn);
  return {
    Results: moves
      .slice(-MaxResults)
      .reverse()
      .map((task) => render(desk, SourceArn, task)),
  };
};

/** Carries a task on, a few messages at a time, at the pace that was asked for. */
export function runMove(desk: Desk, source: Queue, handle: string): void {
  const task = runningTask(source, handle);
  if (task === undefined || !desk.state.byId.has(source.id)) return;
  const atMs = desk.clock.nowMs();
  settle(source, atMs);
  const left = Math.min(stepSize, task.toMove - task.moved);
  const messages = nextReady(source, left);
  const moves = messages.flatMap((message) => moveOf(desk, task, message));
  if (moves.length > 0) desk.note({ op: 'move', body: { queue: source.id, atMs, handle, moves } });
  for (const to of new Set(moves.map((move) => move.to))) wakeTarget(desk, to, atMs);
  const isStuck = moves.length < messages.length;
  if (messages.length === 0 || isStuck) {
    end(desk, source, handle, isStuck);
    return;
  }
  const pauseMs = (moves.length * 1000) / Math.min(task.ratePerS ?? maxRatePerS, maxRatePerS);
  desk.later(atMs + pauseMs, () => runMove(desk, source, handle));
}

function end(desk: Desk, source: Queue, handle: string, isStuck: boolean): void {
  const outcome = isStuck
    ? { status: 'FAILED' as const, reason: 'AWS.SimpleQueueService.NonExistentQueue' }
    : { status: 'COMPLETED' as const };
  desk.note({ op: 'end-move', body: { queue: source.id, handle, ...outcome } });
}

function moveOf(desk: Desk, task: MoveTask, message: Message) {
  const target =
    task.destination === undefined ? desk.queueOfArn(message.deadFrom ?? '') : desk.state.byId.get(task.destination);
  return target ? [{ seq: message.seq, to: target.id, id: desk.uuid() }] : [];
}

function wakeTarget(desk: Desk, id: string, nowMs: number): void {
  const target = desk.state.byId.get(id);
  if (target === undefined) return;
  settle(target, nowMs);
  desk.waiting.wake(target);
}

const runningTask = (queue: Queue, handle: string): MoveTask | undefined =>
  queue.moves.find((task) => task.handle === handle && task.status === 'RUNNING');

const noResource = (arn: string) =>
  new AwsError('ResourceNotFoundException', `The resource that you specified for ${arn} doesn't exist.`, 404);

function sourceAt(desk: Desk, arn: string): Queue {
  const queue = desk.queueOfArn(arn);
  if (queue === undefined) throw noResource(arn);
  return queue;
}

function render(desk: Desk, SourceArn: string, task: MoveTask): object {
  const target = task.destination === undefined ? undefined : desk.state.byId.get(task.destination);
  return {
    ...(task.status === 'RUNNING' && { TaskHandle: task.handle }),
    Status: task.status,
    SourceArn,
    ...(target && { DestinationArn: arnOf(desk.state.place, target.name) }),
    ...(task.ratePerS !== undefined && { MaxNumberOfMessagesPerSecond: task.ratePerS }),
    ApproximateNumberOfMessagesMoved: task.moved,
    ApproximateNumberOfMessagesToMove: task.toMove,
    ...(task.reason !== undefined && { FailureReason: task.reason }),
    StartedTimestamp: task.startedMs,
  };
}
