import fc from 'fast-check';
import { expect, test } from 'vitest';
import { describeFindings, Enough, Findings } from '../../../../../local/stepfunctions/validation/finding.ts';
import { checkObject } from '../../../../../local/stepfunctions/validation/objects.ts';
import { SHAPES } from '../../../../../local/stepfunctions/validation/part-shapes.ts';
import { COMPARATORS } from '../../../../../local/stepfunctions/validation/rules.ts';
import { diagnose, validate } from '../../../../../local/stepfunctions/validation/validate.ts';
import { anyMachine } from '../../../../builders/a-machine.ts';
import { aStatesPart, machineOf } from '../../../../builders/a-states-part.ts';

const end = { Type: 'Pass', End: true };
const codes = (text: string) => diagnose(text).map(({ code }) => code);

test.each<[what: string, text: string, code: string]>([
  [
    'a hundred thousand states without a type',
    `{"StartAt":"0","States":{${Array.from({ length: 100_000 }, (_, at) => `"${at.toString(36)}":{}`).join()}}}`,
    'SCHEMA_VALIDATION_FAILED',
  ],
  ['a megabyte of open brackets', '['.repeat(1_048_576), 'TOO_DEEPLY_NESTED'],
  ['a megabyte of open objects', '{"a":'.repeat(200_000), 'TOO_DEEPLY_NESTED'],
  ['a megabyte of one text', `{"Comment":"${'x'.repeat(1_000_000)}"}`, 'SCHEMA_VALIDATION_FAILED'],
  ['a megabyte of one name', `{"${'x'.repeat(1_000_000)}":1}`, 'SCHEMA_VALIDATION_FAILED'],
  ['a megabyte of backslashes', `{"a":"${'\\\\'.repeat(500_000)}`, 'INVALID_JSON_DESCRIPTION'],
  [
    'a hundred thousand rules',
    JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Choice', Choices: Array(100_000).fill({}) } } }),
    'SCHEMA_VALIDATION_FAILED',
  ],
  [
    'a filter of twenty thousand brackets',
    JSON.stringify(machineOf({ A: { ...end, InputPath: `$[?(${'('.repeat(20_000)}@.a` } })),
    'SCHEMA_VALIDATION_FAILED',
  ],
  [
    'a number beyond all bounds',
    '{"TimeoutSeconds":1e999,"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}',
    'SCHEMA_VALIDATION_FAILED',
  ],
  [
    'a number beyond 2^53',
    '{"TimeoutSeconds":99999999999999999999,"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}',
    'SCHEMA_VALIDATION_FAILED',
  ],
  [
    'a key twice',
    '{"StartAt":"A","StartAt":"B","States":{"A":{"Type":"Pass","End":true}}}',
    'INVALID_JSON_DESCRIPTION',
  ],
  [
    'a state twice',
    '{"StartAt":"A","States":{"A":{"Type":"Pass","End":true},"A":{"Type":"Fail"}}}',
    'INVALID_JSON_DESCRIPTION',
  ],
])(
  '%s is refused, and told briefly',
  (_what, text, code) => {
    const findings = diagnose(text);
    expect(new Set(findings.map((finding) => finding.code))).toContain(code);
    expect(findings.length).toBeLessThanOrEqual(101);
    expect(describeFindings(findings).length).toBeLessThan(3_000_000);
  },
  30_000,
);

test('what is wrong is not looked for any more when there is more of it than anybody is told', () => {
  let looked = 0;
  const wrong = Object.defineProperty({}, 'Type', {
    enumerable: true,
    get: () => {
      looked += 1;
      return 'Nothing';
    },
  });
  const states = Object.fromEntries(Array.from({ length: 30_000 }, (_, at) => [`S${at}`, wrong]));
  const findings = new Findings();
  const look = () =>
    checkObject({ StartAt: 'S0', States: states }, '', 'StateMachine', {
      findings,
      language: 'JSONPath',
      machineLanguage: 'JSONPath',
      isExpress: false,
      isDistributed: false,
    });
  expect(look).toThrow(Enough);
  expect(findings.errors).toHaveLength(101);
  expect(looked).toBeLessThan(1000);
});

test('so deep are states of states refused, not thrown at', () => {
  const nested = (levels: number): object => {
    let state: object = end;
    for (let at = 0; at < levels; at++) {
      state = { Type: 'Parallel', Branches: [{ StartAt: `S${at}`, States: { [`S${at}`]: state } }], End: true };
    }
    return machineOf({ Top: state });
  };
  expect(codes(JSON.stringify(nested(200)))).toEqual([]);
  expect(codes(JSON.stringify(nested(300)))).toEqual(['TOO_DEEPLY_NESTED']);
});

test('lone surrogates go through a definition as they are', async () => {
  const states = aStatesPart();
  const arn = await states.run(machineOf({ A: { ...end, Result: { 'k\ud800': '\udfff' } } }));
  expect(await states.output(arn)).toEqual({ 'k\ud800': '\udfff' });
});

test('any JSON at all is told about and never thrown at', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(validate(text).length).toBeGreaterThan(0);
    }),
    { numRuns: 300 },
  );
});

/** Machines in which some value has been replaced, taken away, or put somewhere else. */
const words = [...new Set([...Object.values(SHAPES).flatMap(({ fields }) => Object.keys(fields)), ...COMPARATORS])];
const spoilt = fc
  .tuple(
    anyMachine,
    fc.array(
      fc.tuple(fc.nat(), fc.constantFrom(...words), fc.oneof(fc.jsonValue(), fc.constantFrom('$.a', '{% 1 %}', 'S0'))),
      { minLength: 1, maxLength: 3 },
    ),
  )
  .map(([machine, changes]) => {
    const copy: unknown = JSON.parse(JSON.stringify(machine));
    for (const [at, word, value] of changes) {
      const objects = objectsIn(copy);
      const object = objects[at % objects.length];
      if (object) object[word] = value;
    }
    return JSON.stringify(copy);
  });

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function objectsIn(value: unknown): Record<string, unknown>[] {
  if (Array.isArray(value)) return value.flatMap(objectsIn);
  return isRecord(value) ? [value, ...Object.values(value).flatMap(objectsIn)] : [];
}

test('what is found in a spoilt machine are findings, and without any the machine runs', async () => {
  await fc.assert(
    fc.asyncProperty(spoilt, async (text) => {
      const errors = diagnose(text).filter(({ severity }) => severity === 'ERROR');
      // What AWS would accept is refused only because the engine does not have it.
      if (!validate(text).some(({ severity }) => severity === 'ERROR')) {
        expect(errors.filter(({ message }) => !message.includes('is not supported'))).toEqual([]);
      }
      const states = aStatesPart();
      const created = states.call('CreateStateMachine', {
        name: 'm',
        definition: text,
        roleArn: 'arn:aws:iam::111111111111:role/r',
      });
      if (errors.length > 0) {
        await expect(created).rejects.toMatchObject({ code: 'InvalidDefinition', message: describeFindings(errors) });
        return;
      }
      const arn = await states.start(String((await created).stateMachineArn), { l: [1] });
      await states.settle();
      expect(await states.describe(arn)).toMatchObject({ status: expect.stringMatching(/^[A-Z_]+$/) });
    }),
    { numRuns: 300 },
  );
}, 30_000);

test('a machine is as good as each machine that its generator makes', () => {
  fc.assert(
    fc.property(anyMachine, (machine) => {
      expect(codes(JSON.stringify(machine))).toEqual([]);
    }),
    { numRuns: 200 },
  );
});
