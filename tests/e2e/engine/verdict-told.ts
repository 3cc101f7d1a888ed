import { expect } from 'vitest';
import * as z from 'zod';
import { historyOf, listed, resultOf } from './found.ts';
import type { Survived } from './kills.ts';
import { numberOf } from './machines.ts';
import { depthOf } from './messages.ts';
import { type Heard, told } from './web.ts';

/** A call over the web was made at least as often as its history says, and the last time it was answered. */
export const expectCalls = async ({ clients, load }: Survived): Promise<void> => {
  for (const { kind, id, executionArn } of load.started) {
    if (kind !== 'web') continue;
    const types = (await historyOf(clients.sfn, executionArn)).map(({ type }) => type);
    const scheduled = types.filter((type) => type === 'TaskScheduled').length;
    expect(scheduled, `tries of ${id}`).toBeLessThanOrEqual(1 + (numberOf(id) % 3));
    expect(clients.web.calls.get(id), `calls of ${id}`).toBeGreaterThanOrEqual(1 + (numberOf(id) % 3));
    expect(clients.web.calls.get(id), `calls of ${id}`).toBeGreaterThanOrEqual(scheduled);
  }
};

/** One that was left alone was run at least once, to its end; one whose caller waited at most once, and once if he was answered. */
export const expectExpress = ({ clients, load }: Survived): void => {
  const { functions } = clients;
  const { alone, answered } = load.express;
  for (const id of alone) expect(functions.tasks(id), `tasks of ${id}`).toBeGreaterThanOrEqual(2);
  for (const [id, answer] of answered) {
    expect(functions.calls(id), `calls of ${id}`).toBeLessThanOrEqual(1);
    if (answer === undefined) continue;
    expect(answer, id).toBe('SUCCEEDED {"doubled":42,"tries":1}');
    expect(functions.calls(id), `calls of ${id}`).toBe(1);
  }
};

const Told = z.object({ messageId: z.string(), event: z.object({ eventId: z.string() }) });

type Ids = ReadonlyMap<string, string>;

/** Who was heard, and under which ids, in an order of their own. */
const heardOf = (heard: Heard): object => Object.fromEntries([...heard].map(([who, ids]) => [who, [...ids]]).sort());

const wantedOf = (ids: Ids): object => Object.fromEntries([...ids].map(([who, id]) => [who, [id]]).sort());

const untold = (heard: Heard, ids: Ids): number => [...ids.keys()].filter((who) => !heard.has(who)).length;

const expectNothingElse = (heard: Heard, ids: Ids): void => {
  for (const [who, messageIds] of heard) expect([...messageIds], `what was told of ${who}`).toEqual([ids.get(who)]);
};

const published = async ({ clients, load }: Survived): Promise<{ messages: Ids; events: Ids }> => {
  const [messages, events] = [new Map<string, string>(), new Map<string, string>()];
  for (const execution of load.started) {
    if (execution.kind !== 'told') continue;
    const { messageId, event } = Told.parse(await resultOf(clients.sfn, execution));
    messages.set(execution.id, messageId);
    events.set(execution.id, event.eventId);
  }
  return { messages, events };
};

/** A queue is read within seconds; a delivery over the web that was under way at a kill is hidden for a minute. */
const until = { queue: { timeout: 20_000 }, web: { timeout: 90_000, interval: 100 } };

/** Webhooks hear of all that was published, or it waits for them; who is `patient` waits until they have heard. */
const expectToldOverWeb = async (survived: Survived, isPatient: boolean): Promise<void> => {
  const { sqs, web } = survived.clients;
  const { messages, events } = await published(survived);
  const waiting = () => depthOf(sqs, survived.load.asks.replace(/[^/]+$/, 'papilio-deliveries'));
  const missing = () => untold(web.fromTopic, messages) + untold(web.fromBus, events);
  // In this order: what is told between the two is not missing any more.
  const waits = await waiting();
  expect(missing(), 'webhooks that have not heard').toBeLessThanOrEqual(waits);
  if (isPatient) await expect.poll(async () => [missing(), await waiting()], until.web).toEqual([0, 0]);
  expectNothingElse(web.fromTopic, messages);
  expectNothingElse(web.fromBus, events);
};

/**
 * Whatever was published is heard of by everybody, under the id that the publisher was told and under no other, and nobody
 * hears of anything else; in the queue that keeps the order it is once, and of the machine one execution.
 */
export const expectTold = async (survived: Survived, isPatient: boolean): Promise<void> => {
  const { load, clients } = survived;
  const { messages, events } = await published(survived);
  await expect.poll(() => heardOf(load.heard[told.topic]), until.queue).toEqual(wantedOf(messages));
  await expect.poll(() => heardOf(load.heard[told.bus]), until.queue).toEqual(wantedOf(events));
  const inOrder = load.heard[told.inOrder];
  await expect.poll(() => [...inOrder.keys()].sort(), until.queue).toEqual([...messages.keys()].sort());
  for (const [id, receipts] of inOrder) expect(receipts.size, `messages of ${id}`).toBe(1);
  const heard = await listed(clients.sfn, told.machine);
  expect(heard.length, `executions of ${told.machine}`).toBe(events.size);
  expect(heard.filter(({ status }) => status !== 'SUCCEEDED')).toEqual([]);
  await expectToldOverWeb(survived, isPatient);
};
