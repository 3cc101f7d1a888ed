import { expect, test } from 'vitest';
import { PlacementAsk } from '#schema/assignment';

const asked = (requestedAt: string) =>
  PlacementAsk.parse({ kind: 'place', token: 't', jobId: 'j', attempt: 1, requestedAt }).requestedAt;

test('the moment of an ask is one text, however the state machine wrote it', () => {
  expect(asked('2026-11-26T08:17:12.123Z')).toBe('2026-11-26T08:17:12.123Z');
  expect(asked('2026-11-26T08:17:12.123456+00:00'), 'LocalStack').toBe('2026-11-26T08:17:12.123Z');
  expect(asked('2026-11-26T08:17:12+00:00')).toBe('2026-11-26T08:17:12.000Z');
  expect(() => asked('yesterday')).toThrow('Invalid ISO datetime');
});
