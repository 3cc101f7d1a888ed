import { expect, test, vi } from 'vitest';
import { machineWith } from '../../../../builders/a-field.ts';
import { aStatesPart } from '../../../../builders/a-states-part.ts';
import { memoryObjects } from '../../../../builders/memory-objects.ts';

// https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
const get = 'arn:aws:states:::s3:getObject';
const put = 'arn:aws:states:::s3:putObject';
const inner = { StartAt: 'In', States: { In: { Type: 'Pass', End: true } } };
const ItemProcessor = { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, ...inner };
const config = { Transformation: 'COMPACT', OutputType: 'JSON' };
const files = {
  array: '[1,2,3]',
  lines: '1\n2\n',
  rows: 'a|b\n1|2\n',
  deep: '{"x":{"y":[7]}}',
  list: 's3://b/lines\n',
};

/** Runs a distributed Map over objects; gives its output and the objects that are there afterwards. */
const ranOver = async (fields: object, input: unknown) => {
  const objects = memoryObjects();
  for (const [key, content] of Object.entries(files)) objects.put(`b/${key}`, content);
  const states = aStatesPart({ objects });
  const arn = await states.run(machineWith('Map', { ItemProcessor, ...fields }), input);
  await vi.waitFor(async () => expect(await states.describe(arn)).not.toMatchObject({ status: 'RUNNING' }));
  return { arn, states, objects, output: await states.output(arn) };
};

const reads = (Key: string, ReaderConfig: object) => ({
  ItemReader: { Resource: get, Parameters: { Bucket: 'b', Key }, ReaderConfig },
});
const rows = { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW', CSVDelimiter: 'PIPE' };
const batched = (batcher: object) => ({ ItemsPath: '$.l', ItemBatcher: batcher });
const shaped = (WriterConfig: object) => ({ ItemsPath: '$.l', ResultWriter: { WriterConfig } });
const input = { l: [1, 2, 3], n: 2, bytes: 20 };
const batches = [{ Items: [1, 2] }, { Items: [3] }];

test.each<[field: string, what: string, fields: object, output: unknown]>([
  ['ProcessorConfig.Mode', 'DISTRIBUTED makes each item an execution of its own', { ItemsPath: '$.l' }, [1, 2, 3]],
  ['ProcessorConfig.ExecutionType', 'STANDARD children', { ItemsPath: '$.l' }, [1, 2, 3]],
  ['Map.ItemReader', 'items come from an object', reads('array', { InputType: 'JSON' }), [1, 2, 3]],
  ['ItemReader.Resource', 'getObject reads an object', reads('array', { InputType: 'JSON' }), [1, 2, 3]],
  ['ItemReader.Parameters', 'name the object', reads('lines', { InputType: 'JSONL' }), [1, 2]],
  ['ItemReader.ReaderConfig', 'says how the object is read', reads('rows', rows), [{ a: '1', b: '2' }]],
  ['ReaderConfig.InputType', 'JSONL is one item a line', reads('lines', { InputType: 'JSONL' }), [1, 2]],
  [
    'ReaderConfig.ManifestType',
    'ATHENA_DATA lists objects',
    reads('list', { InputType: 'JSONL', ManifestType: 'ATHENA_DATA' }),
    [1, 2],
  ],
  ['ReaderConfig.CSVHeaderLocation', 'FIRST_ROW names the columns', reads('rows', rows), [{ a: '1', b: '2' }]],
  ['ReaderConfig.CSVDelimiter', 'is between the columns', reads('rows', rows), [{ a: '1', b: '2' }]],
  [
    'ReaderConfig.CSVHeaders',
    'name the columns',
    reads('rows', { ...rows, CSVHeaderLocation: 'GIVEN', CSVHeaders: ['c', 'd'] }),
    [
      { c: 'a', d: 'b' },
      { c: '1', d: '2' },
    ],
  ],
  ['ReaderConfig.ItemsPointer', 'leads to the array', reads('deep', { InputType: 'JSON', ItemsPointer: '/x/y' }), [7]],
  ['ReaderConfig.MaxItems', 'no more are read', reads('array', { InputType: 'JSON', MaxItems: 1 }), [1]],
  ['ReaderConfig.MaxItemsPath', 'no more are read', reads('array', { InputType: 'JSON', MaxItemsPath: '$.n' }), [1, 2]],
  ['Map.ItemBatcher', 'each child gets several items', batched({ MaxItemsPerBatch: 2 }), batches],
  ['ItemBatcher.MaxItemsPerBatch', 'no more items in one', batched({ MaxItemsPerBatch: 2 }), batches],
  ['ItemBatcher.MaxItemsPerBatchPath', 'no more items in one', batched({ MaxItemsPerBatchPath: '$.n' }), batches],
  ['ItemBatcher.MaxInputBytesPerBatch', 'no more bytes in one', batched({ MaxInputBytesPerBatch: 15 }), batches],
  [
    'ItemBatcher.MaxInputBytesPerBatchPath',
    'no more bytes in one',
    batched({ MaxInputBytesPerBatchPath: '$.bytes' }),
    [{ Items: [1, 2, 3] }],
  ],
  [
    'ItemBatcher.BatchInput',
    'stands beside the items of each',
    batched({ MaxItemsPerBatch: 3, BatchInput: { 'v.$': '$.n' } }),
    [{ BatchInput: { v: 2 }, Items: [1, 2, 3] }],
  ],
  ['WriterConfig.Transformation', 'COMPACT keeps outputs only', shaped(config), [1, 2, 3]],
  ['ResultWriter.WriterConfig', 'shapes the result', shaped(config), [1, 2, 3]],
])('field: %s effect: %s', async (_field, _what, fields, output) => {
  expect((await ranOver(fields, input)).output).toEqual(output);
});

test('field: ReaderConfig.Transformation effect: LOAD_AND_FLATTEN reads every object below a prefix', async () => {
  const reader = {
    Resource: 'arn:aws:states:::s3:listObjectsV2',
    Parameters: { Bucket: 'b', Prefix: 'lin' },
    ReaderConfig: { InputType: 'JSONL', Transformation: 'LOAD_AND_FLATTEN' },
  };
  expect((await ranOver({ ItemReader: reader }, {})).output).toEqual([1, 2]);
});

test('field: Map.Label effect: is in the names of the children and of the map run', async () => {
  const { states, arn } = await ranOver({ ItemsPath: '$.l', Label: 'every' }, input);
  const { mapRuns } = await states.call('ListMapRuns', { executionArn: arn });
  expect(JSON.stringify(mapRuns)).toContain('/every:');
});

test.each(['Map.ResultWriter', 'ResultWriter.Resource', 'ResultWriter.Parameters', 'WriterConfig.OutputType'])(
  'field: %s effect: results go to an object, a line each',
  async () => {
    const writer = { Resource: put, Parameters: { Bucket: 'b', Prefix: 'out' } };
    const WriterConfig = { Transformation: 'COMPACT', OutputType: 'JSONL' };
    const { objects } = await ranOver({ ItemsPath: '$.l', ResultWriter: { ...writer, WriterConfig } }, input);
    const written = objects.places().filter((name) => name.startsWith('b/out/') && name.endsWith('SUCCEEDED_0.jsonl'));
    expect(written.map((name) => objects.text(name))).toEqual(['1\n2\n3\n']);
  },
);

const jsonata = { QueryLanguage: 'JSONata' };

test('field: ItemReader.Arguments effect: name the object', async () => {
  const reader = { Resource: get, Arguments: { Bucket: 'b', Key: '{% $states.input.key %}' } };
  const ItemReader = { ...reader, ReaderConfig: { InputType: 'JSON' } };
  expect((await ranOver({ ...jsonata, ItemReader }, { key: 'array' })).output).toEqual([1, 2, 3]);
});

test('field: ResultWriter.Arguments effect: name the place', async () => {
  const ResultWriter = { Resource: put, Arguments: { Bucket: 'b', Prefix: '{% $states.input.to %}' } };
  const { objects } = await ranOver({ ...jsonata, Items: '{% [1] %}', ResultWriter }, { to: 'out' });
  expect(objects.places().filter((name) => name.startsWith('b/out/'))).toHaveLength(2);
});
