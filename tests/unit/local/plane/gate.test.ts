import { expect, test } from 'vitest';
import { createGate } from '../../../../local/plane/gate.ts';
import { fakeClock } from '../../../builders/fake-clock.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A call that says when it began and ends when told. */
const aCall = () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const call = {
    hasBegun: false,
    end: resolve,
    run: () => {
      call.hasBegun = true;
      return promise;
    },
  };
  return call;
};

test('shared calls run side by side', async () => {
  const gate = createGate(fakeClock(), 1_000);
  const [one, other] = [aCall(), aCall()];
  const done = [gate.shared(one.run), gate.shared(other.run)];
  await turn();
  expect([one.hasBegun, other.hasBegun]).toEqual([true, true]);
  one.end();
  other.end();
  await Promise.all(done);
});

test('a lone call begins when the others have ended, and nothing begins beside it', async () => {
  const gate = createGate(fakeClock(), 1_000);
  const [first, lone, later] = [aCall(), aCall(), aCall()];
  const done = [gate.shared(first.run), gate.alone(lone.run), gate.shared(later.run)];
  await turn();
  expect([first.hasBegun, lone.hasBegun, later.hasBegun]).toEqual([true, false, false]);
  first.end();
  await turn();
  expect([lone.hasBegun, later.hasBegun]).toEqual([true, false]);
  lone.end();
  await turn();
  expect(later.hasBegun).toBe(true);
  later.end();
  await Promise.all(done);
});

test('a slow lone call holds the others up for a bounded time only', async () => {
  const clock = fakeClock();
  const gate = createGate(clock, 1_000);
  const [lone, later] = [aCall(), aCall()];
  const done = [gate.alone(lone.run), gate.shared(later.run)];
  await turn();
  expect(later.hasBegun).toBe(false);
  await clock.advance(1_000);
  await turn();
  expect(later.hasBegun).toBe(true);
  later.end();
  lone.end();
  await Promise.all(done);
});

test('a call that fails lets the next one in', async () => {
  const gate = createGate(fakeClock(), 1_000);
  const failing = gate.alone(() => Promise.reject(new Error('no')));
  const next = gate.alone(async () => 'in');
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('in');
});
