import { expect, test } from 'vitest';
import { isObject, type Json } from '../../../../../local/stepfunctions/json.ts';
import { Evaluator } from '../../../../../local/stepfunctions/jsonata/evaluator.ts';
import { aStatesPart, machineOf } from '../../../../builders/a-states-part.ts';
import { ended } from '../../../../builders/an-end.ts';

const aPass = (source: string) => ({
  QueryLanguage: 'JSONata',
  ...machineOf({ P: { Type: 'Pass', Output: `{% ${source} %}`, End: true } }),
});

const ask = async (source: string, input: Json = null) => {
  const evaluator = new Evaluator();
  const question = { type: 'evaluate' as const, items: [{ at: 'Output', source }], atMs: 0, seed: 's' };
  const answers = await evaluator.evaluate(
    { ...question, bindings: { states: { input } } },
    new AbortController().signal,
  );
  evaluator.close();
  return answers;
};

const TIMEOUT = ' threw an error during evaluation: Expression evaluation timeout: Check for infinite loop';
const MEMORY =
  ' threw an error during evaluation: Expression evaluation memory limit exceeded: Check for excessive memory usage';

/** https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html#jsonata-error-handling */
test.each([
  ['a tail call without end', '($f := function($x){ $f($x + 1) }; $f(0))', TIMEOUT],
  ['a regular expression that explodes', "$match('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', /^(a+)+$/)", TIMEOUT],
  [
    'a value that shares itself',
    "($x := 'xxxxxxxxxx'; $y := [1..100000].($x); $z := [1..100].($y); $z)",
    expect.stringMatching(/timeout|memory/),
  ],
  ['a range beyond AWS’s', '$range(1, 360146, 1)', MEMORY],
  ['a text that doubles', "$reduce([1..23], function($t, $n){ $t & $t }, 'x')", MEMORY],
  [
    'a recursion too deep',
    '($f := function($n){ $n = 0 ? 0 : 1 + $f($n - 1) }; $f(100))',
    ' threw an error during evaluation: Stack overflow error: Check for non-terminating recursive function.  Consider rewriting as tail-recursive. Depth=101 max=100',
  ],
])('%s ends with AWS’s words', async (_what, source, failure) => {
  expect(await ask(source)).toEqual([{ at: 'Output', failure }]);
});

test('what AWS still accepts is answered', async () => {
  const [range] = await ask('$count($range(1, 360145, 1))');
  expect(range?.value).toBe(360_145);
  const [text] = await ask("$length($reduce([1..22], function($t, $n){ $t & $t }, 'x'))");
  expect(text?.value).toBe(2 ** 22);
  const sum = Array.from({ length: 100 }, () => '1').join('+');
  expect((await ask(sum))[0]?.value).toBe(100);
  expect((await ask(`${sum}+1`))[0]?.failure).toContain('Stack overflow error');
});

test('a value of a thousand levels passes, deeper ones are refused before they are made text', async () => {
  const nest = (levels: number): string => `$reduce([1..${levels}], function($x, $n){ {'a': $x} }, 1)`;
  let value: Json | undefined = (await ask(nest(999)))[0]?.value;
  let depth = 0;
  for (; isObject(value); value = value.a) depth += 1;
  expect(depth).toBe(999);
  expect((await ask(nest(5000)))[0]?.failure).toMatch(/nests deeper|timeout/);
});

test('an expression that takes all memory takes nothing from those beside it', async () => {
  const evaluator = new Evaluator();
  const signal = new AbortController().signal;
  const evaluate = (source: string) =>
    evaluator.evaluate(
      { type: 'evaluate', items: [{ at: 'Output', source }], bindings: {}, atMs: 0, seed: 's' },
      signal,
    );
  const greedy = "($x := 'xxxxxxxxxx'; $y := [1..100000].($x); $z := [1..1000].($y); $z)";
  const all = await Promise.all([greedy, '1 + 1', greedy, '[2] ~> $count', '3'].map(evaluate));
  evaluator.close();
  expect(all.map(([answer]) => answer?.value)).toEqual([undefined, 2, undefined, 1, 3]);
  expect(all[0]?.[0]?.failure).toMatch(/timeout|memory/);
});

test('inherited properties are not there', async () => {
  expect(await ask('$states.input.constructor', { a: 1 })).toEqual([{ at: 'Output' }]);
  expect(await ask('$states.input.__proto__', { a: 1 })).toEqual([{ at: 'Output' }]);
  expect(await ask("$lookup($states.input, 'toString')", { a: 1 })).toEqual([{ at: 'Output' }]);
});

test('a hundred endless expressions hold up nobody else', async () => {
  const states = aStatesPart();
  const endless = [
    '($f := function($x){ $f($x + 1) }; $f(0))',
    "$match('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', /^(a+)+$/)",
    '[1..10000000] ~> $sum',
  ];
  const slow: string[] = [];
  for (let at = 0; at < 100; at++) slow.push(await states.start(await states.create(aPass(endless[at % 3] ?? ''))));
  const plain = await states.run(machineOf({ A: { Type: 'Pass', Result: 1, End: true } }));
  expect(await states.output(plain)).toBe(1);
  const inline = await states.run(aPass('$states.input.a + 1'), { a: 1 });
  expect(await states.output(inline)).toBe(2);
  const quick = await states.run(aPass('$map([1, 2], function($v){ $v * 2 })'));
  expect((await ended(states, quick, 20_000)).output).toBe('[2,4]');
  const statuses = await Promise.all(slow.map(async (arn) => (await states.describe(arn)).status));
  expect(statuses.filter((status) => status === 'RUNNING').length).toBeGreaterThan(80);
  await states.call('StopExecution', { executionArn: slow[99] ?? '' });
  expect((await states.describe(slow[99] ?? '')).status).toBe('ABORTED');
  states.part.close();
}, 60_000);
