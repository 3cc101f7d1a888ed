import { expect, test } from 'vitest';
import { testState } from '../../../../builders/a-state-test.ts';
import { aStatesPart, machineOf } from '../../../../builders/a-states-part.ts';

// https://docs.aws.amazon.com/step-functions/latest/apireference/API_InspectionData.html: which fields are "not populated when
// QueryLanguage is JSONata"; LocalStack's recorded TestState snapshots for what AWS shows instead.

const debug = { inspectionLevel: 'DEBUG' };
const jsonata = { QueryLanguage: 'JSONata' };
const invoke = {
  ...jsonata,
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: 'f', Payload: '{% $states.input.n + $offset %}' },
  Output: '{% $states.result.Payload %}',
  Next: 'Then',
};
const variables = JSON.stringify({ offset: 10 });
/** An expression of the kind that is evaluated in a worker. */
const hard = '{% $reduce([1..$states.input.n], function($a, $b) { $a + $b }) %}';

test('a Task shows its arguments and its result, none of the paths, and the variables', async () => {
  const request = { input: { n: 1 }, result: { Payload: 7 }, variables, ...debug };
  expect(await testState(aStatesPart(), invoke, request)).toEqual({
    status: 'SUCCEEDED',
    nextState: 'Then',
    output: 7,
    seen: {
      input: { n: 1 },
      afterArguments: { FunctionName: 'f', Payload: 11 },
      result: { Payload: 7 },
      variables: { offset: 10 },
    },
  });
});

test('variables that the state assigns are shown with those that it found', async () => {
  const definition = { ...jsonata, Type: 'Pass', Assign: { n: '{% $offset + 1 %}' }, End: true };
  const { seen } = await testState(aStatesPart(), definition, { variables, ...debug });
  expect(seen).toEqual({ input: {}, variables: { offset: 10, n: 11 } });
});

test('variables are there in JSONPath too', async () => {
  const definition = { Type: 'Pass', Parameters: { 'n.$': '$offset' }, Assign: { 'm.$': '$.n' }, End: true };
  expect(await testState(aStatesPart(), definition, { variables, input: { n: 3 }, ...debug })).toMatchObject({
    output: { n: 10 },
    seen: { variables: { offset: 10, m: expect.any(Number) } },
  });
});

test('an expression that needs a worker is evaluated, on the way in and on the way out', async () => {
  const definition = { ...invoke, Arguments: { FunctionName: 'f', Payload: hard }, Output: hard };
  expect(await testState(aStatesPart(), definition, { input: { n: 4 }, result: {}, ...debug })).toMatchObject({
    status: 'SUCCEEDED',
    output: 10,
    seen: { afterArguments: { Payload: 10 } },
  });
});

test('the machine’s language is that of a state which names none', async () => {
  const definition = {
    ...jsonata,
    ...machineOf({ A: { Type: 'Pass', Output: '{% $states.input.n * 2 %}', End: true } }),
  };
  expect(await testState(aStatesPart(), definition, { stateName: 'A', input: { n: 4 } })).toMatchObject({ output: 8 });
});

test('a caught error has its output and its variables', async () => {
  const Catch = [
    { ErrorEquals: ['Bad'], Output: { e: '{% $states.errorOutput.Error %}' }, Assign: { failed: true }, Next: 'Mend' },
  ];
  const mock = { errorOutput: { error: 'Bad', cause: 'so' } };
  const request = { input: { n: 1 }, mock, variables, ...debug };
  expect(await testState(aStatesPart(), { ...invoke, Catch }, request)).toEqual({
    status: 'CAUGHT_ERROR',
    nextState: 'Mend',
    error: 'Bad',
    cause: 'so',
    output: { e: 'Bad' },
    seen: {
      input: { n: 1 },
      afterArguments: { FunctionName: 'f', Payload: 11 },
      variables: { offset: 10, failed: true },
      errorDetails: { catchIndex: 0 },
    },
  });
});

test('a Choice goes by its condition', async () => {
  const definition = {
    ...jsonata,
    Type: 'Choice',
    Choices: [{ Condition: '{% $states.input.cost < $offset %}', Next: 'Approved' }],
    Default: 'Ask',
  };
  const to = async (cost: number) =>
    (await testState(aStatesPart(), definition, { input: { cost }, variables })).nextState;
  expect([await to(9), await to(10)]).toEqual(['Approved', 'Ask']);
});

test.each(['1', '[]', '{"states":1}', '{"a b":1}'])('the variables %s are refused', async (text) => {
  await expect(testState(aStatesPart(), invoke, { result: {}, variables: text })).rejects.toMatchObject({
    code: 'ValidationException',
  });
});

const processor = {
  ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
  ...machineOf({ Do: { Type: 'Pass', End: true } }),
};

test('a Map in JSONata: the input of every item, also where a worker makes it', async () => {
  const definition = {
    ...jsonata,
    Type: 'Map',
    Items: '{% $states.input.items %}',
    ItemSelector: { value: '{% $states.context.Map.Item.Value %}', sum: hard },
    ItemProcessor: { ...processor, ProcessorConfig: { Mode: 'INLINE' } },
    End: true,
  };
  const request = { input: { items: ['a', 'b'], n: 3 }, result: [1, 2], ...debug };
  expect(await testState(aStatesPart(), definition, request)).toMatchObject({
    status: 'SUCCEEDED',
    output: [1, 2],
    seen: {
      afterItemSelector: [
        { value: 'a', sum: 6 },
        { value: 'b', sum: 6 },
      ],
      maxConcurrency: 0,
    },
  });
});

const distributed = {
  Type: 'Map',
  ItemReader: {
    Resource: 'arn:aws:states:::s3:getObject',
    ReaderConfig: { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' },
    Parameters: { Bucket: 'b', 'Key.$': '$.key' },
  },
  ItemSelector: { 'n.$': '$$.Map.Item.Value.n' },
  ItemBatcher: { MaxItemsPerBatch: 2, BatchInput: { 'key.$': '$.key' } },
  ItemProcessor: processor,
  MaxConcurrency: 5,
  End: true,
};

test('a distributed Map reads mapItemReaderData as its ItemReader would, and groups its items', async () => {
  const stateConfiguration = { mapItemReaderData: 'n,m\n1,x\n2,y\n3,z\n' };
  const request = { input: { key: 'k' }, result: ['r'], stateConfiguration, ...debug };
  expect(await testState(aStatesPart(), distributed, request)).toMatchObject({
    status: 'SUCCEEDED',
    output: ['r'],
    seen: {
      afterItemsPath: [
        { n: '1', m: 'x' },
        { n: '2', m: 'y' },
        { n: '3', m: 'z' },
      ],
      afterItemSelector: [{ n: '1' }, { n: '2' }, { n: '3' }],
      afterItemBatcher: [
        { BatchInput: { key: 'k' }, Items: [{ n: '1' }, { n: '2' }] },
        { BatchInput: { key: 'k' }, Items: [{ n: '3' }] },
      ],
      maxConcurrency: 5,
    },
  });
});

// The page: "When your Map uses an ItemReader to read from S3, provide the data directly in the input".
test('without mapItemReaderData the items are those of the input', async () => {
  const definition = { ...distributed, ItemsPath: '$.orders', ItemSelector: undefined, ItemBatcher: undefined };
  const input = { orders: [{ orderId: '123' }, { orderId: '456' }] };
  const { seen } = await testState(aStatesPart(), definition, { input, result: [], ...debug });
  expect(seen).toMatchObject({ afterItemsPath: input.orders });
});

test('what an ItemReader cannot read fails the Map', async () => {
  const definition = { ...distributed, ItemReader: { ...distributed.ItemReader, ReaderConfig: { InputType: 'JSON' } } };
  const stateConfiguration = { mapItemReaderData: '{' };
  expect(
    await testState(aStatesPart(), definition, { input: { key: 'k' }, result: [], stateConfiguration }),
  ).toMatchObject({ status: 'FAILED', error: 'States.ItemReaderFailed' });
});
