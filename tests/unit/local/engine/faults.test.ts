import { expect, test } from 'vitest';
import { faultKinds } from '../../../builders/failing-disk.ts';
import { journey } from '../../../builders/fault-journey.ts';
import { tenMachines } from '../../../builders/ten-machines.ts';

/** Every access in its turn is tried by faults.long.test.ts; here each machine has each fault at some of them. */
const tried = 3;

test.each(tenMachines(8000).map((shape, at) => [shape.name, shape, at] as const))(
  'machine %s comes to the same end and history whatever fails at a disk access',
  async (_, shape, index) => {
    const whole = await journey([shape], 'kill', Number.POSITIVE_INFINITY);
    expect(whole.complaints).toEqual([]);
    for (const [number, kind] of faultKinds.entries()) {
      for (let at = 1 + ((index * 5 + number) % 11); at < whole.accesses; at += Math.ceil(whole.accesses / tried)) {
        const { portrait, complaints, hasFailed } = await journey([shape], kind, at);
        expect([kind, at, complaints, portrait]).toEqual([kind, at, [], whole.portrait]);
        expect(hasFailed).toBe(true);
      }
    }
  },
);
