import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyOf, lastFirst } from '../../../../local/stepfunctions/operations/paging.ts';
import type { Execution } from '../../../../local/stepfunctions/registry.ts';
import { StartOrder } from '../../../../local/stepfunctions/start-order.ts';
import { aStatesPart } from '../../../builders/a-states-part.ts';
import { oneTask } from '../../../builders/an-execution.ts';

const namesOf = (list: unknown): string[] => [list ?? []].flat().map((each) => String(Object(each).name));

/** Between two pages: one more, or one less. */
const change = fc.oneof(fc.constant('add' as const), fc.nat(30));

test('whatever is added and removed between pages, what was there all the time is told once, nothing twice', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(12), fc.integer({ min: 1, max: 4 }), fc.array(change), async (count, size, changes) => {
      const states = aStatesPart();
      let made = 0;
      const add = () => states.call('CreateActivity', { name: `a${made++}` });
      for (let at = 0; at < count; at++) await add();
      const steady = new Set(Array.from({ length: count }, (_, at) => `a${at}`));
      const told: string[] = [];
      const left = [...changes];
      for (let nextToken: unknown, isFirst = true; isFirst || nextToken !== undefined; isFirst = false) {
        const asked = { maxResults: size, ...(nextToken !== undefined && { nextToken }) };
        const page = await states.call('ListActivities', asked);
        told.push(...namesOf(page.activities));
        nextToken = page.nextToken;
        const next = left.shift();
        if (next === 'add') await add();
        else if (next !== undefined) {
          const activityArn = `arn:aws:states:us-east-1:111111111111:activity:a${next}`;
          await states.call('DeleteActivity', { activityArn });
          steady.delete(`a${next}`);
        }
      }
      expect(new Set(told).size).toBe(told.length);
      expect(told).toEqual(expect.arrayContaining([...steady]));
    }),
    { numRuns: 50 },
  );
});

test('executions that start while others are forgotten change no page', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(fc.nat(5), { maxLength: 8 }), async (size, ends) => {
      const states = aStatesPart({ limits: { finishedExecutions: 3 } });
      const stateMachineArn = await states.create(oneTask, 'm');
      for (let at = 0; at < 8; at++) await states.start(stateMachineArn, {}, `e${at}`);
      await states.settle();
      const told: string[] = [];
      const left = [...ends];
      for (let nextToken: unknown, isFirst = true; isFirst || nextToken !== undefined; isFirst = false) {
        const asked = { stateMachineArn, maxResults: size, ...(nextToken !== undefined && { nextToken }) };
        const page = await states.call('ListExecutions', asked);
        told.push(...namesOf(page.executions));
        nextToken = page.nextToken;
        // The oldest end, and are forgotten when too many have.
        for (let at = left.shift() ?? 0; at > 0; at--) states.invocations.shift()?.succeed(1);
        await states.settle();
        await states.start(stateMachineArn);
      }
      expect(told).toEqual(['e7', 'e6', 'e5', 'e4', 'e3', 'e2', 'e1', 'e0'].filter((name) => told.includes(name)));
      const { executions } = await states.call('ListExecutions', { stateMachineArn });
      expect(told).toEqual(expect.arrayContaining(namesOf(executions).filter((name) => /^e\d$/.test(name))));
    }),
    { numRuns: 40 },
  );
});

const numbered = (serial: number): Execution => Object({ identity: { serial } });

test('executions in the order of their start are those that were added and not deleted', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ step: fc.integer({ min: 1, max: 3 }), gone: fc.nat(100) })),
      fc.nat(250),
      (all, before) => {
        const order = new StartOrder();
        let model: Execution[] = [];
        let serial = 0;
        for (const { step, gone } of all) {
          serial += step;
          const execution = numbered(serial);
          order.add(execution);
          model.push(execution);
          const lost = model[gone];
          if (!lost) continue;
          order.delete(lost);
          order.delete(lost);
          model = model.filter((each) => each !== lost);
        }
        expect([...order]).toEqual(model);
        expect(order.size).toBe(model.length);
        const known = new Map(model.map((each) => [each.identity.serial, each]));
        for (let asked = -1; asked <= serial + 1; asked++) expect(order.get(asked)).toBe(known.get(asked));
        expect([...order.before(before)]).toEqual(model.filter(({ identity }) => identity.serial < before).reverse());
      },
    ),
  );
});

test('gaps of deleted executions are closed', () => {
  const order = new StartOrder();
  const all = Array.from({ length: 5000 }, (_, at) => numbered(at));
  for (const each of all) order.add(each);
  for (const each of all.slice(0, 4900)) order.delete(each);
  expect([...order]).toEqual(all.slice(4900));
  expect([4899, 4900, 4999, 5000].map((serial) => order.get(serial))).toEqual([
    undefined,
    all[4900],
    all[4999],
    undefined,
  ]);
  expect([...order.before(4902)]).toEqual([all[4901], all[4900]]);
});

test('keys are in the order of their numbers', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (a, b) => {
      expect(keyOf(a) < keyOf(b)).toBe(a < b);
      expect(lastFirst(a) < lastFirst(b)).toBe(a > b);
    }),
  );
});
