import { gzipSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { aDistributedMap } from '../../../../builders/a-distributed-map.ts';
import { aStatesPart } from '../../../../builders/a-states-part.ts';
import { type MemoryObjects, memoryObjects } from '../../../../builders/memory-objects.ts';

const get = 'arn:aws:states:::s3:getObject';
const list = 'arn:aws:states:::s3:listObjectsV2';

const bucket = (files: Record<string, string | Uint8Array>): MemoryObjects => {
  const objects = memoryObjects();
  for (const [key, content] of Object.entries(files)) objects.put(`b/${key}`, content);
  return objects;
};

const ended = async (objects: MemoryObjects | undefined, reader: object, input: unknown = {}) => {
  const states = aStatesPart({ ...(objects && { objects }) });
  const arn = await states.run(aDistributedMap({ Type: 'Pass' }, { ItemReader: reader }), input);
  await vi.waitFor(async () => expect(await states.describe(arn)).not.toMatchObject({ status: 'RUNNING' }));
  return { ...(await states.describe(arn)), states, arn, output: await states.output(arn) };
};

const csv = { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' };

// https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
test.each<[string, Record<string, string | Uint8Array>, object, unknown]>([
  ['a JSON array', { f: '[1, {"a": [2]}]' }, { InputType: 'JSON' }, [1, { a: [2] }]],
  ['an array inside', { f: '{"x":[0],"d":{"i":[1]}}' }, { InputType: 'JSON', ItemsPointer: '/d/i' }, [1]],
  [
    'the fields of an object',
    { f: '{"a":1,"b":[2]}' },
    { InputType: 'JSON' },
    [
      { Key: 'a', Value: 1 },
      { Key: 'b', Value: [2] },
    ],
  ],
  ['JSON lines', { f: '{"a":1}\n{"a":2}\n' }, { InputType: 'JSONL' }, [{ a: 1 }, { a: 2 }]],
  ['rows with a header', { f: 'id,n\n1,"a,b"\n' }, csv, [{ id: '1', n: 'a,b' }]],
  [
    'rows under given headers',
    { f: '1|a\n2|b' },
    { InputType: 'CSV', CSVHeaderLocation: 'GIVEN', CSVHeaders: ['id', 'n'], CSVDelimiter: 'PIPE' },
    [
      { id: '1', n: 'a' },
      { id: '2', n: 'b' },
    ],
  ],
  ['so many at most', { f: '[1,2,3]' }, { InputType: 'JSON', MaxItems: 2 }, [1, 2]],
  ['so many by path', { f: '[1,2,3]' }, { InputType: 'JSON', MaxItemsPath: '$.most' }, [1]],
  [
    'an inventory',
    {
      f: JSON.stringify({
        destinationBucket: 'arn:aws:s3:::b',
        fileFormat: 'CSV',
        fileSchema: 'Bucket, Key',
        files: [{ key: 'one.csv.gz' }],
      }),
      'one.csv.gz': gzipSync('"src","k1"\n"src","k2"\n'),
    },
    { ManifestType: 'S3_INVENTORY' },
    [
      { Bucket: 'src', Key: 'k1' },
      { Bucket: 'src', Key: 'k2' },
    ],
  ],
  [
    'what Athena unloaded',
    { f: 's3://b/p1\ns3://b/p2\n', p1: gzipSync('{"a":1}\n'), p2: '{"a":2}\n' },
    { InputType: 'JSONL', ManifestType: 'ATHENA_DATA' },
    [{ a: 1 }, { a: 2 }],
  ],
])('items are %s', async (_what, files, config, items) => {
  const reader = { Resource: get, ReaderConfig: config, Parameters: { Bucket: 'b', 'Key.$': '$.key' } };
  const { output } = await ended(bucket(files), reader, { key: 'f', most: 1 });
  expect(output).toEqual(items);
});

test('items are the objects below a prefix', async () => {
  const objects = bucket({ 'in/a': 'xy', 'in/b': '', 'out/c': '' });
  const { output } = await ended(objects, { Resource: list, Parameters: { Bucket: 'b', Prefix: 'in/' } });
  expect(output).toEqual([
    { Etag: '"e"', Key: 'in/a', LastModified: 1_668_699_881, Size: 2, StorageClass: 'STANDARD' },
    { Etag: '"e"', Key: 'in/b', LastModified: 1_668_699_881, Size: 0, StorageClass: 'STANDARD' },
  ]);
});

test('items are those in the objects below a prefix', async () => {
  const objects = bucket({ 'in/a': '[1]', 'in/b': '[2,3]', 'in/c/': '' });
  const { output } = await ended(objects, {
    Resource: list,
    ReaderConfig: { InputType: 'JSON', Transformation: 'LOAD_AND_FLATTEN' },
    Parameters: { Bucket: 'b', Prefix: 'in/' },
  });
  expect(output).toEqual([1, 2, 3]);
});

test('the history gives a reader no number of items', async () => {
  const reader = { Resource: get, ReaderConfig: { InputType: 'JSON' }, Parameters: { Bucket: 'b', Key: 'f' } };
  const { states, arn } = await ended(bucket({ f: '[1,2]' }), reader);
  const events = await states.history(arn);
  expect(events[2]).toMatchObject({ type: 'MapStateStarted', mapStateStartedEventDetails: { length: 0 } });
});

test.each<[string, MemoryObjects | undefined, string]>([
  ['a missing object', bucket({}), 'The specified key does not exist.'],
  ['what is no array', bucket({ f: '1' }), 'Attempting to map over non-iterable node.'],
  ['what is cut off', bucket({ f: '[1,2,' }), 'cut off'],
  ['an engine without objects', undefined, 'no objects'],
])('%s fails the Map', async (_what, objects, cause) => {
  const reader = { Resource: get, ReaderConfig: { InputType: 'JSON' }, Parameters: { Bucket: 'b', Key: 'f' } };
  const failed = await ended(objects, reader);
  expect(failed).toMatchObject({ status: 'FAILED', error: 'States.ItemReaderFailed' });
  expect(failed).toMatchObject({ cause: expect.stringContaining(cause) });
});

test.each<[string, object]>([
  ['no resource', { Parameters: {}, ReaderConfig: { InputType: 'JSON' } }],
  [
    'another resource',
    { Resource: 'arn:aws:states:::s3:putObject', Parameters: {}, ReaderConfig: { InputType: 'JSON' } },
  ],
  ['an unknown type', { Resource: get, Parameters: {}, ReaderConfig: { InputType: 'XML' } }],
  ['Parquet', { Resource: get, Parameters: {}, ReaderConfig: { InputType: 'PARQUET' } }],
  ['CSV without a place of its headers', { Resource: get, Parameters: {}, ReaderConfig: { InputType: 'CSV' } }],
  [
    'two numbers of items',
    { Resource: get, Parameters: {}, ReaderConfig: { ...csv, MaxItems: 1, MaxItemsPath: '$.a' } },
  ],
  ['no parameters', { Resource: get, ReaderConfig: { InputType: 'JSON' } }],
])('a reader with %s is refused', async (_what, reader) => {
  const states = aStatesPart();
  const definition = aDistributedMap({ Type: 'Pass' }, { ItemReader: reader });
  await expect(states.create(definition)).rejects.toMatchObject({ code: 'InvalidDefinition' });
});

test('an inline Map has no reader', async () => {
  const states = aStatesPart();
  const inline = {
    StartAt: 'Each',
    States: {
      Each: {
        Type: 'Map',
        ItemReader: { Resource: get, Parameters: { Bucket: 'b', Key: 'f' }, ReaderConfig: { InputType: 'JSON' } },
        ItemProcessor: { StartAt: 'One', States: { One: { Type: 'Pass', End: true } } },
        End: true,
      },
    },
  };
  await expect(states.create(inline)).rejects.toMatchObject({ code: 'InvalidDefinition' });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
test('in JSONata the place stands in Arguments, and every field may be an expression', async () => {
  const objects = bucket({ f: '[1,2,3]' });
  const states = aStatesPart({ objects });
  const fields = {
    QueryLanguage: 'JSONata',
    ItemReader: {
      Resource: get,
      ReaderConfig: { InputType: 'JSON', MaxItems: '{% $states.input.most %}' },
      Arguments: { Bucket: 'b', Key: '{% $states.input.key %}' },
    },
    ItemSelector: { v: '{% $states.context.Map.Item.Value * 2 %}' },
    ItemBatcher: { MaxItemsPerBatch: '{% 1 + 1 %}', BatchInput: { key: '{% $states.input.key %}' } },
    ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Arguments: { Bucket: '{% "b" %}', Prefix: 'out' } },
    ToleratedFailureCount: '{% 1 %}',
  };
  const arn = await states.run(aDistributedMap({ Type: 'Pass' }, fields), { key: 'f', most: 2 });
  await vi.waitFor(async () => expect(await states.describe(arn)).toMatchObject({ status: 'SUCCEEDED' }));
  const [written = ''] = objects.places().filter((place) => place.endsWith('SUCCEEDED_0.json'));
  expect(JSON.parse(objects.text(written))).toMatchObject([
    { Input: '{"BatchInput":{"key":"f"},"Items":[{"v":2},{"v":4}]}' },
  ]);
});

// https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
test.each([
  ['of an object', get, { InputType: 'JSON' }, { Key: 'in/f' }, [['s3://b/in/f', 'k']]],
  ['of a listing', list, {}, { Prefix: 'in/' }, [['s3://b', null]]],
  ['of what is listed', list, { InputType: 'JSON', Transformation: 'LOAD_AND_FLATTEN' }, {}, [['s3://b/in/f', 'k']]],
])(
  'the context object tells the source %s, and the key of a field',
  async (_what, Resource, config, place, expected) => {
    const states = aStatesPart({ objects: bucket({ 'in/f': '{"k":1}' }) });
    const ItemReader = { Resource, ReaderConfig: config, Parameters: { Bucket: 'b', ...place } };
    const item = '{% $states.context.Map.Item %}';
    const arguments_ = { QueryLanguage: 'JSONata', ItemReader: { ...ItemReader, Arguments: ItemReader.Parameters } };
    const { Parameters: _parameters, ...reader } = arguments_.ItemReader;
    const fields = { ...arguments_, ItemReader: reader, ItemSelector: { item } };
    const arn = await states.run(aDistributedMap({ Type: 'Pass' }, fields), {});
    await vi.waitFor(async () => expect(await states.describe(arn)).toMatchObject({ status: 'SUCCEEDED' }));
    const output = await states.output(arn);
    const items: { item: { Source: string; Key?: string } }[] = Array.isArray(output) ? output : [];
    expect(items.map(({ item: { Source, Key = null } }) => [Source, Key])).toEqual(expected);
  },
);
