import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readDaqBody } from '#schema/daq-dialects';
import { demoRecording } from '../../../../../local/sim/daq/demo.ts';
import { disturb, reorderWindow } from '../../../../../local/sim/daq/disturb.ts';

const frames = demoRecording(1001, new Date('2026-11-24T06:00:00Z'), 100).map((line) => {
  const { destination, body } = JSON.parse(line);
  return { destination: String(destination), body: JSON.stringify(body) };
});
const known = new Set(frames.map(({ body }) => body));
const none = { seed: 1, duplicates: 0, reordered: 0, lost: 0, poison: 0 };
const part = fc.double({ min: 0, max: 1, noNaN: true });
const disturbances = fc.record({
  seed: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  duplicates: part,
  reordered: part,
  lost: part,
  poison: part,
});

test('nothing asked for, nothing disturbed', () => {
  expect(disturb(frames, none)).toEqual(frames);
});

test('every good frame comes at least once, at most twice and unchanged, whatever is done; a seed does the same again', () => {
  fc.assert(
    fc.property(disturbances, (options) => {
      const disturbed = disturb(frames, options);
      expect(disturb(frames, options)).toEqual(disturbed);
      const counts = new Map<string, number>();
      for (const { body } of disturbed) counts.set(body, (counts.get(body) ?? 0) + 1);
      for (const body of known) expect([1, 2]).toContain(counts.get(body));
    }),
    { numRuns: 50 },
  );
});

test('poison is added in the share that was asked for, cannot be read as a message, and each kind has its reason', () => {
  const disturbed = disturb(frames, { ...none, poison: 0.5 });
  const poison = disturbed.filter(({ body }) => !known.has(body));
  expect(poison).toHaveLength(Math.ceil(frames.length / 2));
  const codes = new Set(
    poison.map(({ body }) => readDaqBody(body)).map((it) => ('problem' in it ? it.problem.code : 'legal')),
  );
  expect([...codes].toSorted()).toEqual([
    'message-invalid',
    'message-type-unknown',
    'message-unreadable',
    'run-number-out-of-range',
    'stf-sequence-out-of-range',
  ]);
});

test('duplicates, reordering and loss come near the shares that were asked for', () => {
  const many = Array.from({ length: 5_000 }, (_, n) => ({ destination: '', body: String(n) }));
  const placesOf = (options: Partial<typeof none>) =>
    disturb(many, { ...none, ...options }).map(({ body }) => Number(body));
  expect(placesOf({ duplicates: 0.3 }).length / many.length).toBeCloseTo(1.3, 1);
  const reordered = placesOf({ reordered: 0.3 });
  const moved = reordered.filter((n, at) => n !== at);
  expect(moved.length).toBeGreaterThan(1_500);
  for (const [at, n] of reordered.entries()) expect(Math.abs(n - at)).toBeLessThanOrEqual(2 * reorderWindow);
  const late = placesOf({ lost: 0.1 }).filter((n, at, all) => all.slice(0, at).some((before) => before > n));
  expect(late.length / many.length).toBeCloseTo(0.1, 1);
});
