import { describe, expect, test } from 'vitest';
import { functionArn, machineOf } from '../../../../builders/a-states-part.ts';
import { type Answer, guide, inState, outcomeOf } from '../../../../builders/an-outcome.ts';

const each = (state: object) => machineOf({ I: { ...state, End: true } });
const pass = each({ Type: 'Pass' });
const call = each({ Type: 'Task', Resource: functionArn('f') });
const map = (fields: object) => machineOf({ M: { Type: 'Map', ItemProcessor: pass, ...fields, End: true } });
const run = async (fields: object, input: unknown, answer?: Answer) =>
  (await outcomeOf(map(fields), input, { ...(answer && { answer }), withinS: 30 })).text;

describe(guide('state-map-inline'), () => {
  test.each<[fields: object, input: unknown, output: string]>([
    [{}, [1, 2, 3], '[1,2,3]'],
    [{}, [], '[]'],
    [{}, [null, false, 0, '', {}, []], '[null,false,0,"",{},[]]'],
    [{ ItemsPath: '$' }, [1], '[1]'],
    [{ ItemsPath: '$.l' }, { l: ['a'] }, '["a"]'],
    [{ ItemsPath: '$.a.b[1]' }, { a: { b: [0, [7]] } }, '[7]'],
    [{ ItemsPath: '$$.Execution.Input.l' }, { l: [4] }, '[4]'],
    [{ InputPath: '$.in', ItemsPath: '$.l' }, { in: { l: [5] } }, '[5]'],
    [{ InputPath: '$.in' }, { in: [6] }, '[6]'],
    [{ ItemsPath: '$.l', ResultPath: '$.r' }, { l: [1] }, '{"l":[1],"r":[1]}'],
    [{ ItemsPath: '$.l', ResultPath: null }, { l: [1] }, '{"l":[1]}'],
    [{ ItemsPath: '$.l', ResultPath: '$.l' }, { l: [1], m: 2 }, '{"l":[1],"m":2}'],
    [{ ItemsPath: '$.l', ResultSelector: { 'n.$': 'States.ArrayLength($)' } }, { l: [1, 2] }, '{"n":2}'],
    [
      { ItemsPath: '$.l', ResultSelector: { 'first.$': '$[0]' }, ResultPath: '$.r' },
      { l: [8] },
      '{"l":[8],"r":{"first":8}}',
    ],
    [{ ItemsPath: '$.l', OutputPath: '$[1]' }, { l: [1, 2] }, '2'],
    [{ MaxConcurrency: 0 }, [1, 2], '[1,2]'],
    [{ MaxConcurrency: 1 }, [1, 2], '[1,2]'],
    [{ MaxConcurrency: 40 }, [1, 2], '[1,2]'],
    [{ ItemsPath: '$.l', MaxConcurrencyPath: '$.c' }, { l: [1, 2], c: 1 }, '[1,2]'],
    [{ ItemProcessor: { ...pass, ProcessorConfig: { Mode: 'INLINE' } } }, [1], '[1]'],
    [{ ItemProcessor: undefined, Iterator: pass }, [1], '[1]'],
    [{ ItemProcessor: each({ Type: 'Pass', Result: 'x' }) }, [1, 2], '["x","x"]'],
    [
      { ItemProcessor: machineOf({ M2: { Type: 'Map', ItemProcessor: pass, End: true } }) },
      [[1], [2, 3]],
      '[[1],[2,3]]',
    ],
  ])('%j of %j', async (fields, input, output) => {
    expect(await run(fields, input)).toBe(output);
  });

  test.each<[fields: object, input: unknown, path: string]>([
    [{}, {}, '$'],
    [{}, 'text', '$'],
    [{}, 1, '$'],
    [{ ItemsPath: '$.l' }, { l: { a: 1 } }, '$.l'],
    [{ ItemsPath: '$.l' }, { l: null }, '$.l'],
  ])('%j of %j has no array', async (fields, input, path) => {
    expect(await run(fields, input)).toContain(
      `States.Runtime: ${inState('M', `Reference path "${path}" must point to array.`)}`,
    );
  });

  test('an ItemsPath that finds nothing fails the state', async () => {
    expect(await run({ ItemsPath: '$.l' }, {})).toContain(`States.Runtime: ${inState('M', '')}`);
  });

  test.each<[limit: number, most: number]>([
    [1, 1],
    [2, 2],
    [3, 3],
    [0, 6],
    [9, 6],
  ])('MaxConcurrency %i has %i items at work at once', async (limit, most) => {
    const fields = { ItemProcessor: call, MaxConcurrency: limit };
    const { payloads } = await outcomeOf(map(fields), [0, 1, 2, 3, 4, 5], { answer: () => 'silent' });
    expect(payloads).toEqual([0, 1, 2, 3, 4, 5].slice(0, most));
  });

  test.each<[fields: object]>([
    [{ ItemProcessor: undefined }],
    [{ ItemProcessor: 1 }],
    [{ ItemProcessor: {} }],
    [{ ItemProcessor: { StartAt: 'X', States: { I: { Type: 'Pass', End: true } } } }],
    [{ ItemProcessor: machineOf({ I: { Type: 'Pass', Next: 'M' } }) }],
    [{ ItemProcessor: machineOf({ M: { Type: 'Pass', End: true } }) }],
    [{ ItemsPath: 'l' }],
    [{ ItemsPath: '$.l[*].k' }],
    [{ ItemsPath: '$.l[1:]' }],
    [{ ItemsPath: 1 }],
    [{ MaxConcurrency: -1 }],
    [{ MaxConcurrency: 1.5 }],
    [{ MaxConcurrency: '1' }],
    [{ MaxConcurrency: 1, MaxConcurrencyPath: '$.c' }],
    [{ ItemSelector: { 'v.$': 'text' } }],
    [{ Result: [] }],
    [{ Seconds: 1 }],
  ])('%j is refused with the definition', async (fields) => {
    expect(await run(fields, [1])).toMatch(/^refused: Invalid State Machine Definition/);
  });

  test.each<[concurrency: unknown]>([[-1], [1.5], ['1'], [null], [[1]]])(
    'a MaxConcurrencyPath that gives %j fails',
    async (c) => {
      expect(await run({ ItemsPath: '$.l', MaxConcurrencyPath: '$.c' }, { l: [1], c })).toContain(
        `States.Runtime: ${inState('M', '')}`,
      );
    },
  );
});

describe(guide('concepts-error-handling'), () => {
  const failing: Answer = (payload) => (payload === 'bad' ? { error: 'E', cause: 'c' } : { ok: payload });
  const caught = { Catch: [{ ErrorEquals: ['E'], ResultPath: '$.e', Next: 'C' }] };

  test('one failed item fails the state with its error', async () => {
    expect(await run({ ItemProcessor: call }, ['good', 'bad'], failing)).toBe(
      'E: {"errorMessage":"c","errorType":"E"}',
    );
  });

  test('a failed item that is caught inside does not fail the state', async () => {
    const processor = machineOf({
      I: { Type: 'Task', Resource: functionArn('f'), Catch: [{ ErrorEquals: ['E'], Next: 'J' }], End: true },
      J: { Type: 'Pass', Result: 'mended', End: true },
    });
    expect(await run({ ItemProcessor: processor }, ['good', 'bad'], failing)).toBe('["good","mended"]');
  });

  test('the state catches the error of an item', async () => {
    const machine = machineOf({
      M: { Type: 'Map', ItemsPath: '$.l', ItemProcessor: call, ...caught, End: true },
      C: { Type: 'Pass', OutputPath: '$.e.Error', End: true },
    });
    expect((await outcomeOf(machine, { l: ['bad'] }, { answer: failing })).text).toBe('"E"');
  });

  test('an item that fails ends the others', async () => {
    const fields = { ItemProcessor: call };
    const answer: Answer = (payload) => (payload === 'bad' ? { error: 'E' } : 'silent');
    const outcome = await outcomeOf(map(fields), ['slow', 'bad', 'slow'], { answer });
    expect(outcome.text).toMatch(/^E: /);
    const types = (await outcome.history()).map(({ type }) => type);
    expect(types.filter((type) => type === 'MapIterationAborted')).toHaveLength(2);
  });

  test('an item is tried again on its own', async () => {
    const processor = each({
      Type: 'Task',
      Resource: functionArn('f'),
      Retry: [{ ErrorEquals: ['E'], MaxAttempts: 1 }],
    });
    const answer: Answer = (payload, at) => (payload === 'bad' && at < 2 ? { error: 'E' } : { ok: payload });
    const outcome = await outcomeOf(map({ ItemProcessor: processor }), ['good', 'bad'], { answer, withinS: 10 });
    expect([outcome.text, outcome.payloads]).toEqual(['["good","bad"]', ['good', 'bad', 'bad']]);
  });

  test('a Fail inside an item fails the state', async () => {
    const processor = machineOf({ F: { Type: 'Fail', Error: 'Own', Cause: 'why' } });
    expect(await run({ ItemProcessor: processor }, [1])).toBe('Own: why');
  });

  test('States.Runtime inside an item fails the execution, and names the state inside', async () => {
    const processor = each({ Type: 'Pass', InputPath: '$.x' });
    const text = await run({ ItemProcessor: processor, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'M' }] }, [{}]);
    expect(text).toContain(`States.Runtime: ${inState('I', "Invalid path '$.x' : No results for path: ", 5)}`);
  });
});
