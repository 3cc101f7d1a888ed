import { expect, test } from 'vitest';
import { faultKinds } from '../../../builders/failing-disk.ts';
import { journey } from '../../../builders/fault-journey.ts';
import { tenMachines } from '../../../builders/ten-machines.ts';

/** Every access in its turn is tried by faults.long.test.ts; here each machine has each fault once, somewhere else each time. */
test.each(tenMachines('inside').map((shape, index) => [shape.name, shape, index] as const))(
  'machine %s comes to the same end and history whatever fails at a disk access',
  async (_, shape, index) => {
    const whole = await journey([shape], 'kill', Number.POSITIVE_INFINITY);
    expect(whole.complaints).toEqual([]);
    for (const [number, kind] of faultKinds.entries()) {
      const at = 1 + ((index * 23 + number * 13) % whole.accesses);
      const { portrait, complaints, hasFailed } = await journey([shape], kind, at);
      expect([kind, at, complaints, portrait]).toEqual([kind, at, [], whole.portrait]);
      expect(hasFailed).toBe(true);
    }
  },
);
