import { describe, expect, test } from 'vitest';
import { functionArn, machineOf } from '../../../../builders/a-states-part.ts';
import { type Answer, guide, inState, outcomeOf } from '../../../../builders/an-outcome.ts';

let serial = 0;
/** A branch of one state, whose name is its own. */
const branch = (state: object) => {
  serial += 1;
  return machineOf({ [`B${serial}`]: { ...state, End: true } });
};
const failing = (error: string, cause?: string) =>
  machineOf({ [`F${++serial}`]: { Type: 'Fail', Error: error, Cause: cause } });
const parallel = (fields: object) => machineOf({ P: { Type: 'Parallel', ...fields, End: true } });
const run = async (fields: object, input: unknown = { a: { b: 1 } }, answer?: Answer) =>
  (await outcomeOf(parallel(fields), input, { ...(answer && { answer }), withinS: 30 })).text;

const same = branch({ Type: 'Pass' });
const one = branch({ Type: 'Pass', Result: 1 });
const two = branch({ Type: 'Pass', Result: 2 });

describe(guide('state-parallel'), () => {
  test.each<[fields: object, output: string]>([
    [{ Branches: [one] }, '[1]'],
    [{ Branches: [one, two] }, '[1,2]'],
    [{ Branches: [two, one, same] }, '[2,1,{"a":{"b":1}}]'],
    [{ InputPath: '$.a', Branches: [same] }, '[{"b":1}]'],
    [{ Parameters: { 'v.$': '$.a.b' }, Branches: [same, one] }, '[{"v":1},1]'],
    [{ InputPath: '$.a', Parameters: { 'v.$': '$.b' }, Branches: [same] }, '[{"v":1}]'],
    [{ ResultPath: '$.r', Branches: [one] }, '{"a":{"b":1},"r":[1]}'],
    [{ ResultPath: null, Branches: [one] }, '{"a":{"b":1}}'],
    [{ ResultSelector: { 'x.$': '$[1]' }, Branches: [one, two] }, '{"x":2}'],
    [{ ResultSelector: { 'x.$': '$[0]' }, ResultPath: '$.a', Branches: [one] }, '{"a":{"x":1}}'],
    [{ OutputPath: '$[0]', Branches: [one, two] }, '1'],
    [{ Branches: [branch({ Type: 'Parallel', Branches: [one, two] })] }, '[[1,2]]'],
    [{ Branches: [machineOf({ S: { Type: 'Succeed' } })] }, '[{"a":{"b":1}}]'],
  ])('%j', async (fields, output) => {
    expect(await run(fields)).toBe(output);
  });

  test('the order of results is that of the branches, not of their ends', async () => {
    const slow = branch({ Type: 'Wait', Seconds: 5 });
    expect(await run({ Branches: [slow, one] }, 'in')).toBe('["in",1]');
  });

  test('each branch has its own data', async () => {
    const write = (value: number) => branch({ Type: 'Pass', Result: value, ResultPath: '$.v' });
    expect(await run({ Branches: [write(1), write(2)] }, {})).toBe('[{"v":1},{"v":2}]');
  });

  test('a branch that fails fails the state with its error', async () => {
    expect(await run({ Branches: [one, failing('E', 'why')] })).toBe('E: why');
  });

  test('the first branch to fail is the one whose error counts', async () => {
    const late = machineOf({ W1: { Type: 'Wait', Seconds: 2, Next: 'F1x' }, F1x: { Type: 'Fail', Error: 'Late' } });
    const soon = machineOf({ W2: { Type: 'Wait', Seconds: 1, Next: 'F2x' }, F2x: { Type: 'Fail', Error: 'Soon' } });
    expect(await run({ Branches: [late, soon] })).toBe('Soon');
  });

  test('a failed branch ends the others', async () => {
    const call = branch({ Type: 'Task', Resource: functionArn('f') });
    const soon = machineOf({ W3: { Type: 'Wait', Seconds: 1, Next: 'F3x' }, F3x: { Type: 'Fail', Error: 'E' } });
    const outcome = await outcomeOf(parallel({ Branches: [call, soon] }), {}, { answer: () => 'silent', withinS: 9 });
    expect([outcome.text, outcome.endedAtS]).toEqual(['E', 1]);
    expect((await outcome.history()).map(({ type }) => type)).toContain('TaskStateAborted');
  });

  test('the state catches the error of a branch', async () => {
    const machine = machineOf({
      P: { Type: 'Parallel', Branches: [failing('E', 'why')], Catch: [{ ErrorEquals: ['E'], Next: 'C' }], End: true },
      C: { Type: 'Pass', End: true },
    });
    expect((await outcomeOf(machine)).text).toBe('{"Error":"E","Cause":"why"}');
  });

  test('a retry begins all branches anew, with the same input', async () => {
    const call = branch({ Type: 'Task', Resource: functionArn('f'), Parameters: { 'v.$': '$.a' } });
    const answer: Answer = (_payload, at) => (at === 1 ? { error: 'E' } : { ok: at });
    const retry = [{ ErrorEquals: ['E'], MaxAttempts: 1 }];
    const call2 = branch({ Type: 'Task', Resource: functionArn('f'), Parameters: { 'v.$': '$.a' } });
    const outcome = await outcomeOf(
      parallel({ Branches: [call, call2], Retry: retry }),
      { a: 7 },
      { answer, withinS: 9 },
    );
    expect([outcome.text, outcome.payloads]).toEqual(['[2,3]', [{ v: 7 }, { v: 7 }, { v: 7 }, { v: 7 }]]);
  });

  test('States.Runtime inside a branch is caught neither inside nor outside', async () => {
    const wrong = machineOf({ W: { Type: 'Pass', InputPath: '$.x', End: true } });
    const text = await run({ Branches: [wrong], Catch: [{ ErrorEquals: ['States.ALL'], Next: 'P' }] });
    expect(text).toContain(`States.Runtime: ${inState('W', "Invalid path '$.x' : No results for path: ", 4)}`);
  });

  test.each<[fields: object]>([
    [{}],
    [{ Branches: [] }],
    [{ Branches: {} }],
    [{ Branches: [1] }],
    [{ Branches: [{}] }],
    [{ Branches: [{ StartAt: 'X', States: {} }] }],
    [{ Branches: [{ StartAt: 'X', States: { Y: { Type: 'Pass', End: true } } }] }],
    [{ Branches: [machineOf({ Y: { Type: 'Pass', Next: 'P' } })] }],
    [{ Branches: [machineOf({ Y: { Type: 'Pass' } })] }],
    [{ Branches: [one, one] }],
    [{ Branches: [machineOf({ P: { Type: 'Pass', End: true } })] }],
    [{ Branches: [one], Result: 1 }],
    [{ Branches: [one], MaxConcurrency: 1 }],
    [{ Branches: [one], TimeoutSeconds: 1 }],
    [{ Branches: [{ ...one, TimeoutSeconds: 1 }] }],
  ])('%j is refused with the definition', async (fields) => {
    expect(await run(fields)).toMatch(/^refused: Invalid State Machine Definition/);
  });
});
