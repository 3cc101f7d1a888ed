import { describe, expect, test } from 'vitest';
import { aStatesPart, functionArn, machineOf } from '../../../../builders/a-states-part.ts';
import { guide, inState, outcomeOf, passOf } from '../../../../builders/an-outcome.ts';

const limitBytes = 262_144;
/** A text that is so many bytes as JSON. */
const text = (sizeBytes: number): string => 'x'.repeat(sizeBytes - 2);

describe(guide('service-quotas'), () => {
  test('a state may be given and give as much as the limit, to the byte', async () => {
    expect((await passOf({}, text(limitBytes))).length).toBe(limitBytes);
    const doubled = await passOf({ Parameters: { 'a.$': '$', 'b.$': '$' } }, text(130_000));
    expect(doubled.length).toBe(260_000 + '{"a":,"b":}'.length);
  });

  test.each<[what: string, fields: Readonly<Record<string, unknown>>]>([
    ['Parameters', { Parameters: { 'a.$': '$', 'b.$': '$' } }],
    ['ResultPath', { ResultPath: '$.r' }],
    ['an intrinsic function', { Parameters: { 'v.$': 'States.Array($, $)' } }],
  ])('what %s makes larger fails the state', async (_what, fields) => {
    const input = fields.ResultPath === undefined ? text(140_000) : { v: text(140_000) };
    expect(await passOf(fields, input)).toMatch(/^States\.DataLimitExceeded: /);
  });

  test.each<[what: string, character: string, bytes: number]>([
    ['ASCII', 'a', 1],
    ['Latin', '\u00e9', 2],
    ['CJK', '\u4e2d', 3],
    ['an emoji', '\ud83d\ude00', 4],
    ['a quote', '"', 2],
    ['a line end', '\n', 2],
    ['a control character', '\u0001', 6],
  ])('%s counts its bytes as JSON in UTF-8', async (_what, character, bytes) => {
    const fits = Math.floor((limitBytes - '{"r":""}'.length) / bytes);
    const run = (count: number) => passOf({ Parameters: { 'r.$': '$.v' } }, { v: character.repeat(count) });
    expect(await run(Math.min(fits, Math.floor((limitBytes - 8) / bytes)))).not.toContain('States.DataLimitExceeded');
  });

  test('a result that is too large', async () => {
    const machine = (size: number) => ({
      machine: machineOf({ T: { Type: 'Task', Resource: functionArn('f'), End: true } }),
      answer: () => ({ ok: text(size) }),
    });
    const fits = machine(limitBytes);
    expect((await outcomeOf(fits.machine, {}, fits)).text.length).toBe(limitBytes);
    const large = machine(limitBytes + 1);
    const outcome = await outcomeOf(large.machine, {}, large);
    const cause = `The state/task '${functionArn('f')}' returned a result with a size exceeding the maximum number of bytes service limit.`;
    expect(outcome.text).toBe(`States.DataLimitExceeded: ${cause}`);
    expect((await outcome.history()).map(({ type }) => type).slice(3)).toEqual([
      'LambdaFunctionStarted',
      'LambdaFunctionFailed',
      'ExecutionFailed',
    ]);
  });

  test('a service that gives too much is named by its type', async () => {
    const state = {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Parameters: { FunctionName: 'f' },
      End: true,
    };
    const outcome = await outcomeOf(machineOf({ T: state }), {}, { answer: () => ({ ok: text(limitBytes) }) });
    const cause =
      "The state/task 'lambda' returned a result with a size exceeding the maximum number of bytes service limit.";
    expect(outcome.text).toBe(`States.DataLimitExceeded: ${cause}`);
    expect((await outcome.history()).at(-2)).toMatchObject({
      type: 'TaskFailed',
      taskFailedEventDetails: { resourceType: 'lambda', resource: 'invoke', error: 'States.DataLimitExceeded', cause },
    });
  });

  test('results of a Map that are too large together', async () => {
    const item = machineOf({ I: { Type: 'Pass', Result: text(100_000), End: true } });
    const machine = machineOf({ M: { Type: 'Map', ItemProcessor: item, End: true } });
    expect((await outcomeOf(machine, [1, 2])).text.length).toBeGreaterThan(200_000);
    expect((await outcomeOf(machine, [1, 2, 3])).text).toMatch(/^States\.DataLimitExceeded: /);
  });

  test('results of a Parallel that are too large together', async () => {
    const branch = (name: string) => machineOf({ [name]: { Type: 'Pass', Result: text(140_000), End: true } });
    const machine = machineOf({ P: { Type: 'Parallel', Branches: [branch('A'), branch('B')], End: true } });
    expect((await outcomeOf(machine)).text).toMatch(/^States\.DataLimitExceeded: /);
  });

  test.each<[bytes: number, isTaken: boolean]>([
    [limitBytes, true],
    [limitBytes + 1, false],
  ])('an input of %i bytes is taken: %s', async (bytes, isTaken) => {
    const states = aStatesPart();
    const machine = await states.create(machineOf({ P: { Type: 'Pass', End: true } }));
    const started = states.start(machine, text(bytes));
    if (isTaken) await expect(started).resolves.toContain(':execution:');
    else await expect(started).rejects.toMatchObject({ code: 'InvalidExecutionInput' });
  });

  test.each<[turns: number, result: string]>([
    [6249, 'SUCCEEDED'],
    [6250, 'FAILED'],
  ])('a loop of %i turns of four events has %s when the history can hold 25,000', async (turns, status) => {
    const states = aStatesPart();
    const machine = machineOf({
      Add: { Type: 'Pass', Parameters: { 'n.$': 'States.MathAdd($.n, 1)' }, Next: 'Enough' },
      Enough: { Type: 'Choice', Choices: [{ Variable: '$.n', NumericLessThan: turns, Next: 'Add' }], Default: 'Done' },
      Done: { Type: 'Succeed' },
    });
    const arn = await states.run(machine, { n: 0 });
    await states.ended(arn);
    expect(await states.describe(arn)).toMatchObject({
      status,
      ...(status === 'FAILED' && {
        error: 'States.Runtime',
        cause: 'The execution reached the maximum number of history events (25000).',
      }),
    });
    const last = await states.call('GetExecutionHistory', { executionArn: arn, reverseOrder: true, maxResults: 1 });
    expect(last.events).toMatchObject([{ id: 25_000 }]);
  });

  test('an array of more than a thousand is too long for ArrayRange only', async () => {
    const list = Array.from({ length: 2000 }, (_each, at) => at);
    expect(await passOf({ Parameters: { 'n.$': 'States.ArrayLength($)' }, OutputPath: '$.n' }, list)).toBe('2000');
    expect(await passOf({ Parameters: { 'n.$': 'States.ArrayRange(1, 2000, 1)' } })).toContain(
      `States.IntrinsicFailure: ${inState('P', '')}`,
    );
  });
});
