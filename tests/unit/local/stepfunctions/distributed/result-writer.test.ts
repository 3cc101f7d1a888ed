import { expect, test } from 'vitest';
import { aDistributedMap, mapRunOf } from '../../../../builders/a-distributed-map.ts';
import { aStatesPart, functionArn } from '../../../../builders/a-states-part.ts';
import { memoryObjects } from '../../../../builders/memory-objects.ts';

const call = { Type: 'Task', Resource: functionArn('f') };
const target = { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'b', Prefix: 'jobs' } };

const written = async (writer: object, answers: readonly unknown[], fields: object = {}) => {
  const objects = memoryObjects();
  const states = aStatesPart({ objects });
  const arn = await states.run(aDistributedMap(call, { ResultWriter: writer, ...fields }), answers);
  for (const [at, answer] of answers.entries()) {
    if (answer === 'fail') states.invocations[at]?.fail('Broken', 'b');
    else states.invocations[at]?.succeed(answer);
  }
  for (let turn = 0; turn < 3; turn++) await states.settle();
  const mapRunArn = await mapRunOf(states, arn);
  const folder = `jobs/${mapRunArn.slice(mapRunArn.lastIndexOf(':') + 1)}`;
  const read = (name: string) => JSON.parse(objects.text(`b/${folder}/${name}`));
  return { states, objects, arn, mapRunArn, folder, read, output: await states.output(arn) };
};

// https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
test('results go to files by their state, and a manifest names them', async () => {
  const { output, mapRunArn, folder, read } = await written(target, [{ n: 1 }, 'fail', 2], {
    ToleratedFailureCount: 1,
  });
  expect(output).toEqual({
    MapRunArn: mapRunArn,
    ResultWriterDetails: { Bucket: 'b', Key: `${folder}/manifest.json` },
  });
  expect(read('manifest.json')).toEqual({
    DestinationBucket: 'b',
    MapRunArn: mapRunArn,
    ResultFiles: {
      FAILED: [{ Key: `${folder}/FAILED_0.json`, Size: expect.any(Number) }],
      PENDING: [],
      SUCCEEDED: [{ Key: `${folder}/SUCCEEDED_0.json`, Size: expect.any(Number) }],
    },
  });
  expect(read('SUCCEEDED_0.json')).toMatchObject([
    {
      ExecutionArn: expect.stringContaining('/each:'),
      Input: '{"n":1}',
      InputDetails: { Included: true },
      Output: '{"n":1}',
      OutputDetails: { Included: true },
      RedriveCount: 0,
      RedriveStatus: 'NOT_REDRIVABLE',
      RedriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
      StartDate: '2026-01-01T00:00:00.000Z',
      StateMachineArn: expect.stringMatching(/:stateMachine:m1\/each$/),
      Status: 'SUCCEEDED',
      StopDate: '2026-01-01T00:00:00.000Z',
    },
    { Output: '2' },
  ]);
  expect(read('FAILED_0.json')).toMatchObject([{ Status: 'FAILED', Error: 'Broken', Input: '"fail"' }]);
});

test.each([
  ['COMPACT', [[1, 2], 3]],
  ['FLATTEN', [1, 2, 3]],
])('%s writes outputs only', async (Transformation, expected) => {
  const { read } = await written({ ...target, WriterConfig: { Transformation, OutputType: 'JSON' } }, [[1, 2], 3]);
  expect(read('SUCCEEDED_0.json')).toEqual(expected);
});

test.each([
  ['COMPACT', [[1, 2], 3]],
  ['FLATTEN', [1, 2, 3]],
])('%s without a place shapes the result of the Map', async (Transformation, expected) => {
  const { output, objects } = await written({ WriterConfig: { Transformation, OutputType: 'JSON' } }, [[1, 2], 3]);
  expect(output).toEqual(expected);
  expect(objects.places()).toEqual([]);
});

test('NONE without a place gives all about the children', async () => {
  const { output } = await written({ WriterConfig: { Transformation: 'NONE', OutputType: 'JSON' } }, [1]);
  expect(output).toMatchObject([{ Output: '1', Status: 'SUCCEEDED' }]);
});

test('lines instead of an array', async () => {
  const writer = { ...target, WriterConfig: { Transformation: 'COMPACT', OutputType: 'JSONL' } };
  const { objects, folder } = await written(writer, [{ a: 1 }, 2]);
  expect(objects.text(`b/${folder}/SUCCEEDED_0.jsonl`)).toBe('{"a":1}\n2\n');
});

test('what a failed map run has done is written too', async () => {
  const { states, arn, read } = await written(target, [1, 'fail']);
  expect(await states.describe(arn)).toMatchObject({ error: 'States.ExceedToleratedFailureThreshold' });
  expect(read('SUCCEEDED_0.json')).toHaveLength(1);
  expect(read('FAILED_0.json')).toHaveLength(1);
});

test('a place that takes nothing fails the Map', async () => {
  const objects = { ...memoryObjects(), write: () => Promise.reject(new Error('Access Denied')) };
  const states = aStatesPart({ objects });
  const arn = await states.run(aDistributedMap({ Type: 'Pass' }, { ResultWriter: target }), [1]);
  await states.settle();
  expect(await states.describe(arn)).toMatchObject({
    error: 'States.ResultWriterFailed',
    cause: expect.stringContaining('Access Denied'),
  });
});

test.each<[string, object]>([
  ['nothing', {}],
  ['a resource without parameters', { Resource: target.Resource }],
  ['another resource', { ...target, Resource: 'arn:aws:states:::s3:getObject' }],
  ['an unknown transformation', { WriterConfig: { Transformation: 'FOLD', OutputType: 'JSON' } }],
  ['an unknown type', { WriterConfig: { Transformation: 'NONE', OutputType: 'CSV' } }],
])('a writer with %s is refused', async (_what, writer) => {
  const states = aStatesPart();
  const definition = aDistributedMap({ Type: 'Pass' }, { ResultWriter: writer });
  await expect(states.create(definition)).rejects.toMatchObject({ code: 'InvalidDefinition' });
});
