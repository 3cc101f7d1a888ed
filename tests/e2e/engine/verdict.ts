import { rmSync } from 'node:fs';
import type { SFNClient } from '@aws-sdk/client-sfn';
import { expect } from 'vitest';
import { historyOf, listed, resultOf } from './found.ts';
import type { Survived } from './kills.ts';
import type { Acknowledged } from './load.ts';
import { expectedOf, type Kind, machines, numberOf } from './machines.ts';
import { depthOf, type Traffic } from './messages.ts';
import { expectAnswers, expectTries } from './verdict-answers.ts';
import { expectCalls, expectExpress, expectTold } from './verdict-told.ts';

const expectWholeHistory = async (sfn: SFNClient, { id, executionArn }: Acknowledged): Promise<void> => {
  const events = await historyOf(sfn, executionArn);
  expect(
    events.map((event) => event.id),
    id,
  ).toEqual(events.map((_, at) => at + 1));
  expect([events.at(0)?.type, events.at(-1)?.type], id).toEqual(['ExecutionStarted', 'ExecutionSucceeded']);
};

/** Each acknowledged start is one execution, which came to its end, with the result and the tasks that it has to have. */
const expectExecutions = async ({ clients, load }: Survived): Promise<void> => {
  const { sfn, functions } = clients;
  for (const execution of load.started) {
    const { kind, id } = execution;
    const { tasks, result } = expectedOf(kind, id);
    const found = await resultOf(sfn, execution);
    if (result !== undefined) expect(found, id).toEqual(result);
    expect(tasks, `tasks of ${id}`).toContain(functions.tasks(id));
    if (numberOf(id) % 10 === 0) await expectWholeHistory(sfn, execution);
  }
  const nested = load.started.filter(({ kind }) => kind === 'nested').length;
  for (const kind of Object.keys(machines)) {
    if (!isKind(kind)) continue;
    const own = load.started.filter((execution) => execution.kind === kind).length;
    const found = await listed(sfn, kind);
    expect(found.length, `executions of ${kind}`).toBe(own + (kind === 'inline' ? nested : 0));
    expect(found.filter(({ status }) => status !== 'SUCCEEDED')).toEqual([]);
  }
};

/** How many executions run by the engine's own account, express ones with them. */
const runningAt = async (url: string): Promise<number> => {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return Number(/^papilio_engine_execution_running(?:\{\})? (\d+)$/m.exec(metrics)?.[1] ?? Number.NaN);
};

const isKind = (name: string): name is Kind => name in machines;

const numberIn = (body: string): number => Number(body.split('/')[1]);

/** What was sent was received; what is in order and once, in order and once. */
const expectMessages = async ({ clients, load }: Survived): Promise<void> => {
  for (const { url, sent, received } of load.traffics) {
    expect(
      sent.filter((body) => !received.has(body)),
      url,
    ).toEqual([]);
    if (url.endsWith('.fifo')) expectInOrder(received);
    await expect.poll(() => depthOf(clients.sqs, url), { timeout: 10_000 }).toBe(0);
  }
  await expect.poll(() => depthOf(clients.sqs, load.asks), { timeout: 10_000 }).toBe(0);
};

const expectInOrder = (received: Traffic['received']): void => {
  for (const [body, ids] of received) expect(ids.size, `messages ${body}`).toBe(1);
  const groups = Map.groupBy(received.keys(), (body) => body.split('/')[0]);
  for (const bodies of groups.values()) {
    expect(bodies.map(numberIn)).toEqual(bodies.map(numberIn).toSorted((a, b) => a - b));
  }
};

/**
 * So many starts were acknowledged or more, and nothing is lost, stuck or done twice; what survived is then closed, and its folder
 * removed if all was well.
 */
export const expectAllWell = async (
  survived: Survived,
  { starts, isPatient = false }: { readonly starts: number; readonly isPatient?: boolean },
): Promise<void> => {
  try {
    expect(survived.load.started.length).toBeGreaterThanOrEqual(starts);
    await expectExecutions(survived);
    await expectAnswers(survived);
    await expectTries(survived);
    await expectCalls(survived);
    expectExpress(survived);
    await expectTold(survived, isPatient);
    await expectMessages(survived);
    await expect.poll(() => runningAt(survived.url), { timeout: 10_000 }).toBe(0);
  } finally {
    await survived.close();
  }
  rmSync(survived.folder, { recursive: true });
};
