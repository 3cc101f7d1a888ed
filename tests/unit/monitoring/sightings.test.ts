import { expect, it } from 'vitest';
import type { Broken } from '../../../functions/lib/schema/broken.ts';
import { createSightings } from '../../../functions/monitoring/sightings.ts';

const letters: Broken = {
  kind: 'dead-letters',
  severity: 'warning',
  what: 'dead letters in settle-dlq',
  evidence: '1 message failed for good',
  todo: 'docs/operators/runbooks/dead-letters.md',
};

it('keeps the moment when something was seen first, until it is whole again', () => {
  const sightings = createSightings();
  const at = (minute: number) => `2026-01-01T00:0${minute}:00.000Z`;
  const since = (minute: number, ...all: Broken[]) => sightings(all, at(minute)).map((one) => one.since);
  expect(since(1, letters)).toEqual([at(1)]);
  expect(since(2, { ...letters, evidence: '2 messages failed for good' })).toEqual([at(1)]);
  expect(since(3, letters, { ...letters, what: 'dead letters in broker-dlq' })).toEqual([at(1), at(3)]);
  expect(since(4)).toEqual([]);
  expect(since(5, letters)).toEqual([at(5)]);
  expect(since(6, { ...letters, since: at(0) })).toEqual([at(0)]);
});
