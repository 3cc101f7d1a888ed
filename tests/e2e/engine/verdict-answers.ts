import { expect } from 'vitest';
import { historyOf, resultOf } from './found.ts';
import type { Survived } from './kills.ts';

/**
 * Of the answers to one token one was accepted at the most, and it is what the execution was told; every execution was told
 * one that was sent for one of its tokens.
 */
export const expectAnswers = async ({ clients, load }: Survived): Promise<void> => {
  const results = new Map<string, unknown>();
  for (const execution of load.started) {
    const isAnswered = execution.kind === 'callbacks' || execution.kind === 'worked';
    if (isAnswered) results.set(execution.id, await resultOf(clients.sfn, execution));
  }
  const byId = Map.groupBy(clients.answerer.answered(), ({ id }) => id);
  expect(
    [...results.keys()].filter((id) => !byId.has(id)),
    'executions that nobody answered',
  ).toEqual([]);
  for (const [id, tokens] of byId) {
    expect(
      tokens.flatMap(({ sent }) => sent),
      `answers to ${id}`,
    ).toContain(results.get(id));
    expect(tokens.flatMap(({ accepted }) => accepted).length, `answers accepted for ${id}`).toBeLessThanOrEqual(1);
    for (const { accepted, errors } of tokens) {
      if (accepted.length > 0) expect(accepted, id).toEqual([results.get(id)]);
      expect(
        errors.filter((name) => name !== 'TaskTimedOut'),
        id,
      ).toEqual([]);
    }
  }
};

/** Of the tries of an activity's task one has succeeded, and each of the others failed or was left without a heartbeat. */
export const expectTries = async ({ clients, load }: Survived): Promise<void> => {
  for (const execution of load.started) {
    if (execution.kind !== 'worked') continue;
    const types = (await historyOf(clients.sfn, execution.executionArn)).map(({ type }) => type);
    const count = (type: string) => types.filter((each) => each === type).length;
    const undone = count('ActivityFailed') + count('ActivityTimedOut');
    expect(count('ActivitySucceeded'), execution.id).toBe(1);
    expect(count('ActivityScheduled'), `tries of ${execution.id}`).toBe(1 + undone);
    expect(load.given.get(execution.id), `workers of ${execution.id}`).toBeGreaterThanOrEqual(1);
  }
};
