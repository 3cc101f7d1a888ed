import { expect, test } from 'vitest';
import { diagnose } from '../../local/stepfunctions/validation/validate.ts';
import { functionArn } from './a-states-part.ts';
import { type Answer, outcomeOf } from './an-outcome.ts';

type Fields = Readonly<Record<string, unknown>>;
type Language = 'JSONPath' | 'JSONata';

const inner = { StartAt: 'In', States: { In: { Type: 'Pass', End: true } } };

/** The simplest state of each type. */
const SIMPLEST: Readonly<Record<string, Fields>> = {
  Pass: { End: true },
  Task: { Resource: functionArn('f'), End: true },
  Choice: { Default: 'Done' },
  Wait: { Seconds: 1, End: true },
  Succeed: {},
  Fail: {},
  Parallel: { Branches: [inner], End: true },
  Map: { ItemProcessor: inner, End: true },
};
const NEVER = { JSONPath: { Variable: '$.never', IsPresent: true }, JSONata: { Condition: '{% false %}' } };

/** Fields of which only one may be there: giving one takes the other away. */
const INSTEAD: Readonly<Record<string, readonly string[]>> = {
  Next: ['End'],
  SecondsPath: ['Seconds'],
  Timestamp: ['Seconds'],
  TimestampPath: ['Seconds'],
  Iterator: ['ItemProcessor'],
};

/** A machine whose first state `S` is of this type and has these fields; `Done` is there if something leads to it. */
export const machineWith = (type: string, fields: Fields, language: Language = 'JSONPath'): object => {
  const spoken = fields.QueryLanguage === 'JSONata' ? 'JSONata' : language;
  const rules = type === 'Choice' ? { Choices: [{ ...NEVER[spoken], Next: 'Done' }] } : {};
  const given = Object.entries({ Type: type, ...SIMPLEST[type], ...rules, ...fields });
  const dropped = new Set(Object.keys(fields).flatMap((field) => INSTEAD[field] ?? []));
  const state = Object.fromEntries(given.filter(([name, value]) => value !== undefined && !dropped.has(name)));
  const leads = JSON.stringify(state).includes('"Done"');
  return {
    ...(language === 'JSONata' && { QueryLanguage: language }),
    StartAt: 'S',
    States: { S: state, ...(leads && { Done: { Type: 'Succeed' } }) },
  };
};

const distributed = { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, ...inner };

type Holder = {
  readonly at: string;
  readonly within: (fields: Fields, language: Language) => object;
};

const inTask = (field: string, at: string, value: (fields: Fields) => unknown): Holder => ({
  at: `/States/S/${at}`,
  within: (fields, language) => machineWith('Task', { [field]: value(fields) }, language),
});

const inMap = (at: string, value: (fields: Fields) => Fields): Holder => ({
  at: `/States/S/${at}`,
  within: (fields, language) => machineWith('Map', { ItemProcessor: distributed, ...value(fields) }, language),
});

const reader = { Resource: 'arn:aws:states:::s3:getObject', Parameters: { Bucket: 'b', Key: 'k' } };

/** Where the parts of states are, with what they need beside the field that is tested. */
const HOLDERS: Readonly<Record<string, Holder>> = {
  StateMachine: { at: '', within: (fields) => ({ ...machineWith('Pass', {}), ...fields }) },
  Branch: {
    at: '/States/S/Branches[0]',
    within: (fields) => machineWith('Parallel', { Branches: [{ ...inner, ...fields }] }),
  },
  ItemProcessor: {
    at: '/States/S/ItemProcessor',
    within: (fields) => machineWith('Map', { ItemProcessor: { ...inner, ...fields } }),
  },
  ProcessorConfig: {
    at: '/States/S/ItemProcessor/ProcessorConfig',
    within: (fields) =>
      machineWith('Map', { ItemProcessor: { ProcessorConfig: { Mode: 'INLINE', ...fields }, ...inner } }),
  },
  Retrier: inTask('Retry', 'Retry[0]', (fields) => [{ ErrorEquals: ['E'], ...fields }]),
  Catcher: inTask('Catch', 'Catch[0]', (fields) => [{ ErrorEquals: ['E'], Next: 'Done', ...fields }]),
  Credentials: inTask('Credentials', 'Credentials', (fields) => fields),
  ItemReader: inMap('ItemReader', (fields) => ({ ItemReader: { ...reader, ...fields } })),
  ReaderConfig: inMap('ItemReader/ReaderConfig', (fields) => ({
    ItemReader: { ...reader, ReaderConfig: { InputType: 'JSON', ...fields } },
  })),
  ItemBatcher: inMap('ItemBatcher', (fields) => ({ ItemBatcher: { MaxItemsPerBatch: 2, ...fields } })),
  ResultWriter: inMap('ResultWriter', (fields) => ({
    ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'b' }, ...fields },
  })),
  WriterConfig: inMap('ResultWriter/WriterConfig', (fields) => ({
    ResultWriter: { WriterConfig: { Transformation: 'NONE', OutputType: 'JSON', ...fields } },
  })),
  ChoiceRule: {
    at: '/States/S/Choices[0]',
    within: (fields, language) => {
      const own = Object.keys(fields).some((name) => ['Variable', 'And', 'Or', 'Not', 'Condition'].includes(name));
      const test = language === 'JSONata' ? { Condition: '{% true %}' } : { Variable: '$.v' };
      const rule = { ...(!own && test), Next: 'Done', ...fields };
      return machineWith('Choice', { Choices: [rule] }, language);
    },
  },
};

/** A machine with these fields in a part of a state, or in a state. */
const machineFor = (owner: string, fields: Fields, language: Language): object =>
  HOLDERS[owner]?.within(fields, language) ?? machineWith(owner, fields, language);

/** What is found in a definition, as AWS's message lists it. */
export const findingsOf = (definition: unknown): string[] =>
  diagnose(typeof definition === 'string' ? definition : JSON.stringify(definition)).flatMap(
    ({ severity, message, location }) => (severity === 'ERROR' ? [`${message} at ${location ?? 'null'}`] : []),
  );

/** A value that is refused, why, and whether the field or what it stands in is named as the place. */
type Refusal = readonly [value: unknown, message: string, where?: 'object' | string];

type FieldCases = {
  readonly owners: readonly string[];
  readonly only?: Language;
  /** Fields that must stand beside it. */
  readonly beside?: Fields;
  readonly accepts: readonly unknown[];
  readonly refuses: readonly Refusal[];
};

/** What a field takes and what not, in every kind of object that has it. */
export const fieldTests = (field: string, { owners, only, beside = {}, accepts, refuses }: FieldCases): void => {
  const language = only ?? 'JSONPath';
  for (const owner of owners) {
    const object = HOLDERS[owner]?.at ?? '/States/S';
    const found = (value: unknown, spoken: Language = language): string[] =>
      findingsOf(machineFor(owner, { ...beside, [field]: value }, spoken));
    test.each(accepts.map((value) => [value]))(`field: ${owner}.${field} accept: %j`, (value) => {
      expect(found(value)).toEqual([]);
    });
    test.each(refuses)(`field: ${owner}.${field} refuse: %j`, (value, message, where = field) => {
      expect(found(value)).toContain(`${message} at ${(where === 'object' ? object : `${object}/${where}`) || '/'}`);
    });
    if (only === undefined) continue;
    const other = only === 'JSONata' ? 'JSONPath' : 'JSONata';
    test(`field: ${owner}.${field} refuse: in a state of ${other}`, () => {
      const rule = `but field '${field}' is only supported for the '${only}' QueryLanguage`;
      const message = `The QueryLanguage is set to '${other}', ${rule} at ${object}`;
      expect(found(accepts[0], other)).toContain(message);
    });
  }
};

/** A field's effect: a machine, its input, and its output as JSON text. */
type Effect = readonly [field: string, what: string, machine: object, input: unknown, output: string];

const echo: Answer = (payload) => ({ ok: payload });

/** What fields do, seen in the output of an execution; functions echo unless told otherwise. */
export const effectTests = (effects: readonly Effect[], answer: Answer = echo): void => {
  test.each(effects)('field: %s effect: %s', async (_field, _what, machine, input, output) => {
    expect((await outcomeOf(machine, input, { answer, withinS: 30 })).text).toBe(output);
  });
};
