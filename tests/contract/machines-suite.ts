import { describe, expect, test } from 'vitest';
import type { Machines } from '#ports/machines';

/** State machines as the suite looks at them. */
export type OpenMachines = {
  readonly machines: Machines;
  /** The input of an execution, if it was started. */
  readonly inputOf: (machine: string, name: string) => Promise<unknown>;
  /** A token for which an execution waits. */
  readonly aToken: () => Promise<string>;
  /** Lets an execution end. */
  readonly end: (name: string) => Promise<void>;
  /** What an execution is called by its machine. */
  readonly idOf: (name: string) => string;
  readonly away: () => Promise<Machines>;
};

const limitBytes = 262_144;
/** An object whose text has so many bytes. */
const dataOf = (sizeBytes: number): object => ({ text: 'x'.repeat(sizeBytes - '{"text":""}'.length) });
const machine = 'process-stf';

/** What an emulator does otherwise than AWS. */
type Otherwise = {
  /** What is said to whoever answers a token that was answered already. */
  readonly repeated?: readonly ('answered' | 'gone')[];
  /** How an execution has ended that was stopped. */
  readonly stopped?: object;
};

const asAws = {
  repeated: ['gone'],
  stopped: { status: 'ABORTED', error: 'papilio.stopped', cause: 'anna: why' },
} as const;

/** What every kind of state machines keeps to. */
export const machinesSuite = (kind: string, open: () => Promise<OpenMachines>, otherwise: Otherwise = {}): void => {
  const { repeated, stopped } = { ...asAws, ...otherwise };
  describe(`state machines, ${kind}`, () => {
    test('an execution starts once a name: another input changes nothing', async () => {
      const { machines, inputOf } = await open();
      await machines.start(machine, 'stf-1-p1', { n: 1 });
      await machines.start(machine, 'stf-1-p1', { n: 1 });
      await machines.start(machine, 'stf-1-p1', { n: 2 });
      expect(await inputOf(machine, 'stf-1-p1')).toEqual({ n: 1 });
    });

    test('an execution that has ended is not started again', async () => {
      const { machines, inputOf, end } = await open();
      await machines.start(machine, 'stf-1-p1', { n: 1 });
      await end('stf-1-p1');
      await machines.start(machine, 'stf-1-p1', { n: 1 });
      await machines.start(machine, 'stf-1-p1', { n: 2 });
      expect(await inputOf(machine, 'stf-1-p1')).toEqual({ n: 1 });
    });

    test('starts side by side under one name are one', async () => {
      const { machines, inputOf } = await open();
      await Promise.all(Array.from({ length: 8 }, () => machines.start(machine, 'stf-2-p1', { n: 2 })));
      expect(await inputOf(machine, 'stf-2-p1')).toEqual({ n: 2 });
    });

    test('a machine that is not there is Missing', async () => {
      const { machines } = await open();
      await expect(machines.start('no-such-machine', 'a', {})).rejects.toMatchObject({
        code: 'record-missing',
        name: 'Missing',
      });
    });

    test.each([['a b'], [''], ['x'.repeat(81)], ['a/b']])('%j is no name', async (name) => {
      const { machines } = await open();
      await expect(machines.start(machine, name, {})).rejects.toMatchObject({ code: 'input-invalid' });
    });

    test('an input at the limit arrives; one above it is refused for good', async () => {
      const { machines, inputOf } = await open();
      await machines.start(machine, 'large', dataOf(limitBytes));
      expect(await inputOf(machine, 'large')).toEqual(dataOf(limitBytes));
      const tooLarge = machines.start(machine, 'larger', dataOf(limitBytes + 1));
      await expect(tooLarge).rejects.toMatchObject({ code: 'message-too-large', name: 'Invalid' });
      expect(await inputOf(machine, 'larger')).toBeUndefined();
    });

    test('a token is answered once, by success or failure', async () => {
      const { machines, aToken } = await open();
      const [good, bad] = [await aToken(), await aToken()];
      expect(await machines.succeed(good, { n: 1 })).toBe('answered');
      expect(repeated).toContain(await machines.succeed(good, { n: 2 }));
      expect(repeated).toContain(await machines.fail(good, 'Bug', 'late'));
      expect(await machines.fail(bad, 'Bug', 'no')).toBe('answered');
      expect(repeated).toContain(await machines.succeed(bad, {}));
    });

    test('a token that nobody waits for is gone', async () => {
      const { machines } = await open();
      expect(await machines.succeed('no token at all', {})).toBe('gone');
      expect(await machines.fail('no token at all', 'Bug', 'no')).toBe('gone');
    });

    test('an output above the limit is refused, and its token still waits', async () => {
      const { machines, aToken } = await open();
      const token = await aToken();
      await expect(machines.succeed(token, dataOf(limitBytes + 1))).rejects.toMatchObject({
        code: 'message-too-large',
      });
      expect(await machines.succeed(token, dataOf(limitBytes))).toBe('answered');
    });

    test('a failure is told however long its cause is', async () => {
      const { machines, aToken } = await open();
      expect(await machines.fail(await aToken(), 'E'.repeat(1_000), 'c'.repeat(100_000))).toBe('answered');
    });

    test('an execution has no end while it runs; once it was stopped, the end says by whom and why', async () => {
      const { machines, end, idOf } = await open();
      await machines.start(machine, 'stf-3-p1', {});
      expect(await machines.endOf(idOf('stf-3-p1'))).toBeUndefined();
      await end('stf-3-p1');
      expect(await machines.endOf(idOf('stf-3-p1'))).toEqual(stopped);
    });

    test('an execution that nobody remembers has ended', async () => {
      const { machines, idOf } = await open();
      expect(await machines.endOf(idOf('stf-never'))).toEqual({ status: 'unknown' });
    });

    test('a plane that is away is Transient', async () => {
      const { away, idOf } = await open();
      const machines = await away();
      const isAway = { code: 'plane-unavailable', name: 'Transient' };
      await expect(machines.start(machine, 'a', {})).rejects.toMatchObject(isAway);
      await expect(machines.succeed('t', {})).rejects.toMatchObject(isAway);
      await expect(machines.fail('t', 'Bug', 'no')).rejects.toMatchObject(isAway);
      await expect(machines.endOf(idOf('a'))).rejects.toMatchObject(isAway);
    });
  });
};
