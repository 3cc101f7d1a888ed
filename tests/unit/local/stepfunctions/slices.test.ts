import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compile } from '../../../../local/stepfunctions/compile.ts';
import { advance } from '../../../../local/stepfunctions/interpreter.ts';
import type { Run } from '../../../../local/stepfunctions/model.ts';
import { packRun } from '../../../../local/stepfunctions/packing/pack-run.ts';
import { PackedRun } from '../../../../local/stepfunctions/packing/packed-run.ts';
import { unpackRun } from '../../../../local/stepfunctions/packing/unpack-run.ts';
import { prepareRedrive } from '../../../../local/stepfunctions/redrive/prepare-redrive.ts';
import { redriveRun } from '../../../../local/stepfunctions/redrive/redrive-run.ts';
import { startRun } from '../../../../local/stepfunctions/start-run.ts';
import { expectSameAfterRestart } from '../../../builders/a-restart.ts';
import { aStatesPart, type TestStates } from '../../../builders/a-states-part.ts';
import { calmMachine } from '../../../builders/calm-machines.ts';

/** A turn that does all that it has to. */
const whole = Number.MAX_SAFE_INTEGER;
const atOnce = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 8000 }));
const sliced = (workAtOnce: number): TestStates => aStatesPart({ limits: { workAtOnce } });

/** What differs between two engines: their tokens and what they have drawn. */
const drawn = /[\w-]{40,}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|0\.\d+/g;
const told = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null).replace(drawn, 'drawn'));

/** Answers what is asked, in turn, until there is nothing more to be done. */
const answered = async (states: TestStates, arn: string): Promise<void> => {
  for (let left = 40; left > 0; left--) {
    await states.settle();
    if ((await states.describe(arn)).status !== 'RUNNING') return;
    const call = states.invocations.shift();
    if (!call) return;
    if (left % 3 === 0) call.fail('Unlucky');
    else call.succeed(call.payload);
  }
};

const journeyOf = async (states: TestStates, definition: object, input: unknown): Promise<string | undefined> => {
  const arn = await states.run(definition, input).catch(() => undefined);
  if (arn !== undefined) await answered(states, arn);
  return arn;
};

test('however little a turn does at once, a machine has the same history and the same end', async () => {
  await fc.assert(
    fc.asyncProperty(calmMachine, atOnce, fc.nat(), async ({ definition, input }, work, cut) => {
      const one = sliced(whole);
      const first = await journeyOf(one, definition, input);
      const other = sliced(work);
      const second = await journeyOf(other, definition, input);
      expect(second === undefined).toBe(first === undefined);
      if (first === undefined || second === undefined) return;
      expect(told(await other.history(second))).toEqual(told(await one.history(first)));
      await expectSameAfterRestart(other, second, cut);
    }),
    { numRuns: 200 },
  );
}, 60_000);

const atMs = Date.UTC(2026, 0, 1);
const home = {
  machineName: 'm',
  machineArn: 'arn:aws:states:us-east-1:111111111111:stateMachine:m',
  executionPrefix: 'arn:aws:states:us-east-1:111111111111:execution:m:',
  roleArn: 'r',
  region: 'us-east-1',
  revision: { id: 'r', atMs },
};
const stage = { atMs, secret: 's', work: 1 };

/** Plays so many turns more, or all there are. */
const playOn = (run: Run, turns: number): Run => {
  for (let left = turns; left > 0 && run.rest; left--) advance(run, { type: 'goOn' }, stage);
  return run;
};

const passing = (definition: object): string =>
  JSON.stringify(definition, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && 'Type' in value && value.Type === 'Task' && !('Catch' in value)
      ? { Type: 'Pass', ...('Next' in value ? { Next: value.Next } : { End: true }) }
      : value,
  );

test('stopped between two of its turns and redriven, a machine ends as if it had never been stopped', () => {
  fc.assert(
    fc.property(calmMachine, fc.nat(40), ({ definition, input }, turns) => {
      const { machine } = { machine: undefined, ...compile(passing(definition)) };
      if (!machine) return;
      const identity = { serial: 1, name: 'e', home, startedAtMs: atMs, inputText: JSON.stringify(input) };
      const smooth = startRun(identity, machine, { ...stage, work: Number.MAX_SAFE_INTEGER }).run;
      const { run } = startRun(identity, machine, stage);
      playOn(run, turns);
      if (run.rest) advance(run, { type: 'stop' }, stage);
      if (run.outcome?.status === 'ABORTED') {
        prepareRedrive(run);
        const packed = PackedRun.parse(JSON.parse(JSON.stringify(packRun(run))));
        const again = redriveRun(unpackRun(packed, identity, machine), stage).run;
        expect(ending(playOn(again, Number.POSITIVE_INFINITY))).toEqual(ending(smooth));
      } else expect(ending(playOn(run, Number.POSITIVE_INFINITY))).toEqual(ending(smooth));
    }),
    { numRuns: 500 },
  );
});

/** The cause names an event, whose number a redrive changes. */
const ending = ({ outcome }: Run): unknown => ({ ...outcome, cause: undefined });
