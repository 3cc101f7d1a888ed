import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { flightKey, openFlight } from '../../../../local/plane/flight.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'papilio-flight-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('what was under way when a plane ended is found by the next, and only that', async () => {
  const operations = fc.array(
    fc.record({ id: fc.string({ maxLength: 300 }), ends: fc.boolean(), isSuspect: fc.boolean() }),
    { maxLength: 40 },
  );
  await fc.assert(
    fc.property(operations, (calls) => {
      const path = join(folder, 'flight');
      const { flight } = openFlight(path);
      const open = calls.flatMap(({ id, ends, isSuspect }) => {
        const key = flightKey('handle-word', id.replaceAll('\0', ''));
        const leave = flight.enter([key], isSuspect);
        if (ends) leave();
        return ends ? [] : [{ key, isSuspect }];
      });
      const next = openFlight(path);
      expect(next.found.map((call) => JSON.stringify(call)).sort()).toEqual(
        open.map((call) => JSON.stringify(call)).sort(),
      );
      next.flight.close();
    }),
    { numRuns: 50 },
  );
});

test('an orderly end leaves no suspects, also when a call is still open', () => {
  const path = join(folder, 'flight');
  const { flight } = openFlight(path);
  const leave = flight.enter(['handle-word:1'], false);
  flight.close();
  leave();
  expect(openFlight(path).found).toEqual([]);
});

test('a long key is cut and stays different from another that begins the same', () => {
  const one = flightKey('handle-word', `${'x'.repeat(400)}1`);
  const other = flightKey('handle-word', `${'x'.repeat(400)}2`);
  expect(one).not.toBe(other);
  expect(Buffer.byteLength(one)).toBeLessThan(254);
});
