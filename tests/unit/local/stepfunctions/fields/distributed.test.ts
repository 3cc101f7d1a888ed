import { expect, test } from 'vitest';
import { fieldTests, findingsOf, machineWith } from '../../../../builders/a-field.ts';

// https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
const TEXT = 'Expected value of type [STRING]';
const INTEGER = 'Expected value of type Integer';
const OBJECT = 'Expected value of type [OBJECT]';
const PATH = 'Value must be a valid JSONPath.';
const get = 'arn:aws:states:::s3:getObject';
const put = 'arn:aws:states:::s3:putObject';
const place = { Bucket: 'b', Key: 'f' };
const inner = { StartAt: 'In', States: { In: { Type: 'Pass', End: true } } };
const ItemProcessor = { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, ...inner };
const LIMITS = '[MaxItemsPerBatch, MaxItemsPerBatchPath, MaxInputBytesPerBatch, MaxInputBytesPerBatchPath]';
const beside = { ItemProcessor };
const oneOf = (...values: string[]) => `Value should be one of the following: [${values.join(', ')}]`;
const notAllowed = (...examples: string[]) =>
  `The field 'Resource' does not match any of the allowed values. Examples: [${examples.join(', ')}]`;

const enumeration = (owner: string, field: string, values: readonly string[], more: object = {}): void =>
  fieldTests(field, {
    owners: [owner],
    beside: { ...more },
    accepts: values,
    refuses: [
      [1, TEXT],
      ['x', oneOf(...values)],
    ],
  });

fieldTests('ExecutionType', {
  owners: ['ProcessorConfig'],
  beside: { Mode: 'DISTRIBUTED' },
  accepts: ['STANDARD', 'EXPRESS'],
  refuses: [
    [undefined, 'These fields are required: [ExecutionType]', 'object'],
    ['FAST', oneOf('STANDARD', 'EXPRESS')],
  ],
});
fieldTests('Label', {
  owners: ['Map'],
  beside,
  accepts: ['each', 'a-b_c', 'x'.repeat(40)],
  refuses: [
    [1, TEXT],
    ['x'.repeat(41), `Invalid Label name: ${'x'.repeat(41)} exceeds the 40-character limit allowed by the service`],
    ['a b', 'Invalid Label name: a b'],
    ['a:b', 'Invalid Label name: a:b'],
  ],
});
test('field: Map.Label refuse: the label of another Map', () => {
  const map = (name: string, way: object) => ({
    [name]: {
      ...{ Type: 'Map', Label: 'each', ...way },
      ItemProcessor: { ...ItemProcessor, StartAt: `${name}1`, States: { [`${name}1`]: { Type: 'Succeed' } } },
    },
  });
  const definition = { StartAt: 'A', States: { ...map('A', { Next: 'B' }), ...map('B', { End: true }) } };
  expect(findingsOf(definition)).toEqual(['Duplicate Label name: each at /States/B']);
});

fieldTests('ItemReader', {
  owners: ['Map'],
  beside,
  accepts: [{ Resource: get, Parameters: place, ReaderConfig: { InputType: 'JSON' } }],
  refuses: [
    [1, OBJECT],
    [{}, 'These fields are required: [Resource]'],
    [{ Resource: get, Parameters: place, Reader: {} }, "Field 'Reader' is not supported"],
    [{ Resource: get, Parameters: place }, 'These fields are required: [ReaderConfig]'],
    [{ Resource: get, ReaderConfig: { InputType: 'JSON' } }, 'These fields are required: [Parameters]'],
  ],
});
fieldTests('Resource', {
  owners: ['ItemReader'],
  beside: { ReaderConfig: { InputType: 'JSON' } },
  accepts: [get, 'arn:aws-cn:states:::s3:getObject'],
  refuses: [
    [undefined, 'These fields are required: [Resource]', 'object'],
    [1, TEXT],
    [put, notAllowed('arn:<partition>:states:::s3:getObject', 'arn:<partition>:states:::s3:listObjectsV2')],
  ],
});
fieldTests('ReaderConfig', {
  owners: ['ItemReader'],
  accepts: [{ InputType: 'JSON' }, { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' }],
  refuses: [
    [1, OBJECT],
    [{ InputType: 'JSON', Rows: 1 }, "Field 'Rows' is not supported"],
  ],
});
fieldTests('Parameters', {
  owners: ['ItemReader'],
  only: 'JSONPath',
  beside: { ReaderConfig: { InputType: 'JSON' } },
  accepts: [place, { Bucket: 'b', 'Key.$': '$.key' }],
  refuses: [
    [{ 'Key.$': 'key' }, "The value for the field 'Key.$' must be a valid JSONPath or a valid intrinsic function call"],
  ],
});
fieldTests('InputType', {
  owners: ['ReaderConfig'],
  accepts: ['JSON', 'JSONL', 'MANIFEST'],
  refuses: [
    [1, TEXT],
    ['XML', oneOf('MANIFEST', 'JSON', 'CSV', 'JSONL', 'PARQUET')],
    ['CSV', "The field 'CSVHeaderLocation' is required", 'object'],
    ['PARQUET', "InputType 'PARQUET' is not supported yet"],
  ],
});
fieldTests('ManifestType', {
  owners: ['ReaderConfig'],
  beside: { InputType: 'JSONL' },
  accepts: ['ATHENA_DATA'],
  refuses: [
    [1, TEXT],
    ['x', oneOf('S3_INVENTORY', 'ATHENA_DATA')],
  ],
});
fieldTests('ManifestType', {
  owners: ['ReaderConfig'],
  beside: { InputType: undefined },
  accepts: ['S3_INVENTORY'],
  refuses: [[undefined, 'These fields are required: [InputType]', 'object']],
});
enumeration('ReaderConfig', 'Transformation', ['NONE', 'LOAD_AND_FLATTEN']);
fieldTests('CSVHeaderLocation', {
  owners: ['ReaderConfig'],
  beside: { InputType: 'CSV' },
  accepts: ['FIRST_ROW'],
  refuses: [
    [1, TEXT],
    ['x', oneOf('FIRST_ROW', 'GIVEN')],
    ['GIVEN', 'These fields are required: [CSVHeaders]', 'object'],
  ],
});
enumeration('ReaderConfig', 'CSVDelimiter', ['COMMA', 'PIPE', 'SEMICOLON', 'SPACE', 'TAB'], {
  ...{ InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' },
});
fieldTests('CSVHeaders', {
  owners: ['ReaderConfig'],
  beside: { InputType: 'CSV', CSVHeaderLocation: 'GIVEN' },
  accepts: [['a'], ['a', 'b']],
  refuses: [
    [undefined, 'These fields are required: [CSVHeaders]', 'object'],
    ['a', 'Expected value of type [ARRAY]'],
    [[], 'Value cannot be empty'],
    [[1], TEXT, 'CSVHeaders[0]'],
  ],
});
test.each(['CSVHeaderLocation', 'CSVHeaders', 'CSVDelimiter'])('JSON has no %s', (field) => {
  const reader = { Resource: get, Parameters: place, ReaderConfig: { InputType: 'JSON', [field]: 'x' } };
  const message = `Field '${field}' is not supported at /States/S/ItemReader/ReaderConfig`;
  expect(findingsOf(machineWith('Map', { ...beside, ItemReader: reader }))).toContain(message);
});
fieldTests('ItemsPointer', { owners: ['ReaderConfig'], accepts: ['/a/b', ''], refuses: [[1, TEXT]] });

const limit = (owner: string, field: string, most: number, more: object = {}): void => {
  fieldTests(field, {
    owners: [owner],
    beside: { ...more },
    accepts: [1, most],
    refuses: [
      ['1', INTEGER],
      [0, 'Minimum value is 1'],
      [most + 1, `Maximum value is ${most}`],
    ],
  });
  fieldTests(`${field}Path`, {
    owners: [owner],
    only: 'JSONPath',
    beside: { ...more },
    accepts: ['$.n'],
    refuses: [
      [1, TEXT],
      ['n', PATH],
      ['$..n', 'Value is not a Reference Path'],
    ],
  });
};
limit('ReaderConfig', 'MaxItems', 100_000_000);
limit('ItemBatcher', 'MaxItemsPerBatch', 99_999_999, { MaxItemsPerBatch: undefined });
limit('ItemBatcher', 'MaxInputBytesPerBatch', 262_144);

fieldTests('ItemBatcher', {
  owners: ['Map'],
  beside,
  accepts: [{ MaxItemsPerBatch: 2 }, { MaxInputBytesPerBatch: 100, BatchInput: { a: 1 } }],
  refuses: [
    [1, OBJECT],
    [{ MaxItemsPerBatch: 1, Size: 1 }, "Field 'Size' is not supported"],
    [{}, `This object should have at least one of the following fields: ${LIMITS}`],
  ],
});
fieldTests('BatchInput', {
  owners: ['ItemBatcher'],
  accepts: [{ a: 1 }, { 'v.$': '$.v' }],
  refuses: [
    [{ 'v.$': 1 }, "The value for the field 'v.$' must be a valid JSONPath or a valid intrinsic function call"],
  ],
});

const config = { Transformation: 'COMPACT', OutputType: 'JSON' };
fieldTests('ResultWriter', {
  owners: ['Map'],
  beside,
  accepts: [{ WriterConfig: config }, { Resource: put, Parameters: { Bucket: 'b' } }],
  refuses: [
    [1, OBJECT],
    [{ Resource: put }, 'These fields are required: [Parameters]'],
    [{ Parameters: { Bucket: 'b' } }, 'These fields are required: [Resource]'],
    [{ WriterConfig: config, Format: 'x' }, "Field 'Format' is not supported"],
    [{}, 'These fields are required: [Resource, Parameters]'],
  ],
});
fieldTests('Resource', {
  owners: ['ResultWriter'],
  accepts: [put],
  refuses: [
    [1, TEXT],
    [get, notAllowed('arn:<partition>:states:::s3:putObject')],
  ],
});
fieldTests('Parameters', {
  owners: ['ResultWriter'],
  only: 'JSONPath',
  accepts: [{ Bucket: 'b' }, { 'Bucket.$': '$.b', Prefix: 'p' }],
  refuses: [
    [
      { 'Bucket.$': 1 },
      "The value for the field 'Bucket.$' must be a valid JSONPath or a valid intrinsic function call",
    ],
  ],
});
fieldTests('WriterConfig', {
  owners: ['ResultWriter'],
  accepts: [config],
  refuses: [
    [1, OBJECT],
    [{}, 'These fields are required: [Transformation, OutputType]'],
  ],
});
enumeration('WriterConfig', 'Transformation', ['NONE', 'COMPACT', 'FLATTEN']);
enumeration('WriterConfig', 'OutputType', ['JSON', 'JSONL']);
for (const [owner, more] of [
  ['ItemReader', { ReaderConfig: { InputType: 'JSON' } }],
  ['ResultWriter', {}],
] as const) {
  fieldTests('Arguments', {
    owners: [owner],
    only: 'JSONata',
    beside: { Parameters: undefined, ...more },
    accepts: [place, '{% $states.input %}'],
    refuses: [[{ Bucket: '{% 1' }, 'JSONata string must start with {% and end with %}', 'Arguments/Bucket']],
  });
}
