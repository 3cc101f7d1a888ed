import { rmSync } from 'node:fs';
import {
  DescribeExecutionCommand,
  type ExecutionListItem,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  ListExecutionsCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { expect } from 'vitest';
import type { Survived } from './kills.ts';
import type { Acknowledged } from './load.ts';
import { account, expectedOf, type Kind, machines } from './machines.ts';
import { depthOf, type Traffic } from './messages.ts';

/** The result of an execution that has ended; it may take its last turn now. */
const resultOf = async (sfn: SFNClient, { id, executionArn }: Acknowledged): Promise<unknown> => {
  for (;;) {
    const { status, output = '{}', error, cause } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (status === 'RUNNING') continue;
    expect(status, `${id}: ${error} ${cause}`).toBe('SUCCEEDED');
    return JSON.parse(output).result;
  }
};

const listed = async (sfn: SFNClient, kind: Kind): Promise<ExecutionListItem[]> => {
  const stateMachineArn = `arn:aws:states:us-east-1:${account}:stateMachine:${kind}`;
  const all: ExecutionListItem[] = [];
  for (let nextToken: string | undefined, page = 0; page === 0 || nextToken !== undefined; page++) {
    const found = await sfn.send(new ListExecutionsCommand({ stateMachineArn, maxResults: 1000, nextToken }));
    all.push(...(found.executions ?? []));
    nextToken = found.nextToken;
  }
  return all;
};

const historyOf = async (sfn: SFNClient, executionArn: string): Promise<HistoryEvent[]> => {
  const { events = [] } = await sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
  return events;
};

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
  const { sfn, functions, answerer } = clients;
  for (const execution of load.started) {
    const { kind, id } = execution;
    const { tasks, result } = expectedOf(kind, id);
    const found = await resultOf(sfn, execution);
    if (kind === 'callbacks') expect(answerer.answered().flatMap(({ sent }) => sent)).toContain(found);
    else expect(found, id).toEqual(result);
    expect(tasks, `tasks of ${id}`).toContain(functions.tasks(id));
    if (Number(id.split('-')[1]) % 10 === 0) await expectWholeHistory(sfn, execution);
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

const isKind = (name: string): name is Kind => name in machines;

/** Of the answers to one token one was accepted at the most, and it is what the execution was told. */
const expectAnswers = async ({ clients, load }: Survived): Promise<void> => {
  const results = new Map<string, unknown>();
  for (const execution of load.started) {
    if (execution.kind === 'callbacks') results.set(execution.id, await resultOf(clients.sfn, execution));
  }
  for (const { id, sent, accepted, errors } of clients.answerer.answered()) {
    expect(accepted.length, `answers accepted for one token of ${id}`).toBeLessThanOrEqual(1);
    if (accepted.length > 0) expect(accepted, id).toEqual([results.get(id)]);
    if (sent.length > 0) expect(sent, id).toContain(results.get(id));
    expect(
      errors.filter((name) => name !== 'TaskTimedOut'),
      id,
    ).toEqual([]);
  }
};

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
 * So many starts were acknowledged, and nothing is lost, stuck or done twice; what survived is then closed, and its folder
 * removed if all was well.
 */
export const expectAllWell = async (survived: Survived, starts: number): Promise<void> => {
  try {
    expect(survived.load.started.length).toBeGreaterThanOrEqual(starts);
    await expectExecutions(survived);
    await expectAnswers(survived);
    await expectMessages(survived);
  } finally {
    await survived.close();
  }
  rmSync(survived.folder, { recursive: true });
};
