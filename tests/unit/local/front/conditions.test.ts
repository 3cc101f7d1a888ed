import { expect, test } from 'vitest';
import type { BridgeState } from '../../../../functions/lib/schema/check-up.ts';
import type { ProcessLine } from '../../../../functions/lib/schema/processes.ts';
import { brokersOf } from '../../../../local/front/conditions.ts';

const nowMs = Date.UTC(2026, 0, 1, 12);
const ago = (seconds: number) => new Date(nowMs - seconds * 1000).toISOString();
const known = { name: 'e1-bnl', url: 'stomp://b:61613', since: ago(600) };
const report = (atS: number, ...brokers: Partial<BridgeState['brokers'][number]>[]): BridgeState => ({
  at: ago(atS),
  brokers: brokers.map((broker) => ({ ...known, isConnected: false, ...broker })),
});
const bridge = (changes: Partial<ProcessLine> = {}): ProcessLine => ({
  ...{ name: 'bridge', state: 'up', starts: 1, restarts: 0, since: ago(500) },
  ...changes,
});
const states = (state: BridgeState, processes?: readonly ProcessLine[]) =>
  brokersOf(state, processes, nowMs).map((one) => one.state);

test('a broker is connected, being connected to, or away', () => {
  const all = report(2, { isConnected: true }, { tries: 0 }, { tries: 3, reason: 'connect ECONNREFUSED' });
  expect(states(all, [bridge()])).toEqual(['connected', 'connecting', 'away']);
  expect(brokersOf(all, [bridge()], nowMs)[2]).toEqual({
    ...known,
    ...{ state: 'away', tries: 3, reason: 'connect ECONNREFUSED' },
  });
});

test('of a bridge that has not reported for a while nothing is known, since its last report', () => {
  expect(states(report(15, { isConnected: true }))).toEqual(['connected']);
  expect(brokersOf(report(16, { isConnected: true }), [bridge()], nowMs)).toMatchObject([
    { name: 'e1-bnl', state: 'unknown', since: ago(16) },
  ]);
});

test('the report of an earlier build, which has no time, is taken as it is', () => {
  expect(brokersOf({ brokers: [{ ...known, isConnected: true }] }, undefined, nowMs)).toMatchObject([
    { state: 'connected' },
  ]);
});

test('a report that an earlier start left behind says nothing', () => {
  expect(states(report(9_000, { tries: 4 }), []), 'this start has no bridge').toEqual([]);
  const starting = bridge({ state: 'starting', since: ago(1) });
  expect(states(report(9_000, { tries: 4 }), [starting]), 'its bridge has not reported yet').toEqual([]);
});
