import { expect } from 'vitest';
import { aStatesPart, type TestStates } from './a-states-part.ts';
import { memoryJournal } from './memory-journal.ts';

/** All that a snapshot of Step Functions would hold, as JSON. */
export const itemsOf = (states: TestStates): unknown => JSON.parse(JSON.stringify([...states.part.items()]));

/** A journal read again, and a snapshot of a part of it with the rest, give the same state and the same history. */
export const expectSameAfterRestart = async (live: TestStates, executionArn: string, cut: number): Promise<void> => {
  const records = live.journal.records().map(({ record }) => record);
  const whole = aStatesPart({ journal: memoryJournal(records), isResumed: false });
  expect(itemsOf(whole)).toEqual(itemsOf(live));
  expect(await whole.history(executionArn)).toEqual(await live.history(executionArn));
  const length = cut % (records.length + 1);
  const part = aStatesPart({ journal: memoryJournal(records.slice(0, length)), isResumed: false });
  const snapshot = aStatesPart({ journal: memoryJournal(), isResumed: false });
  for (const item of [itemsOf(part)].flat()) snapshot.part.restore(item);
  expect(itemsOf(snapshot)).toEqual(itemsOf(part));
  for (const { record, at } of live.journal.records().slice(length)) snapshot.part.apply(record, at);
  expect(itemsOf(snapshot)).toEqual(itemsOf(live));
};
