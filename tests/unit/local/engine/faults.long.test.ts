import { afterAll, expect, test } from 'vitest';
import { Evaluator } from '../../../../local/stepfunctions/jsonata/evaluator.ts';
import { faultKinds } from '../../../builders/failing-disk.ts';
import { journey } from '../../../builders/fault-journey.ts';
import { tenMachines } from '../../../builders/ten-machines.ts';

/** Holds the process of expressions, which would begin anew with each engine. */
const held = new Evaluator();
afterAll(() => held.close());

test.each(tenMachines().map((shape) => [shape.name, shape] as const))(
  'machine %s comes to the same end and history, be it the 1st, 2nd, 3rd … disk access that fails',
  async (name, shape) => {
    const whole = await journey([shape], 'kill', Number.POSITIVE_INFINITY);
    const recoveryMs: number[] = [];
    const counts: Record<string, number> = {};
    for (const kind of faultKinds) {
      for (let at = 1; ; at++) {
        const found = await journey([shape], kind, at);
        expect([kind, at, found.complaints, found.portrait]).toEqual([kind, at, [], whole.portrait]);
        recoveryMs.push(...found.recoveryMs.slice(1));
        if (!found.hasFailed) break;
        counts[kind] = at;
      }
    }
    recoveryMs.sort((a, b) => a - b);
    const [middle = 0, worst = 0] = [recoveryMs[recoveryMs.length >> 1], recoveryMs.at(-1)];
    process.stdout.write(
      `${name}: faults ${JSON.stringify(counts)}, recovery p50 ${middle.toFixed(1)} ms, worst ${worst.toFixed(1)} ms\n`,
    );
  },
);
