import { isObject, type JsonObject, own } from '../json.ts';
import type { Language } from './fields.ts';
import type { Extra } from './values.ts';

const has = (object: JsonObject, field: string): boolean => own(object, field) !== undefined;
const required = (...fields: readonly string[]): string => `These fields are required: [${fields.join(', ')}]`;

/** The field that names bucket and key. */
const placeField = (language: Language): string => (language === 'JSONata' ? 'Arguments' : 'Parameters');

const checkProcessorConfig: Extra = (config, at, { findings, isExpress }) => {
  if (own(config, 'Mode') !== 'DISTRIBUTED') return;
  if (!has(config, 'ExecutionType')) findings.schema(at, required('ExecutionType'));
  if (isExpress) {
    const rule = "is not supported inside 'EXPRESS' state machines";
    findings.schema(`${at}/Mode`, `The field 'Mode' with value 'DISTRIBUTED' ${rule}`);
  }
};

const READERS = /^arn:[^:]+:states:::s3:(getObject|listObjectsV2)$/;
const WRITER = /^arn:[^:]+:states:::s3:putObject$/;
const examples = (...arns: readonly string[]): string =>
  `The field 'Resource' does not match any of the allowed values. Examples: [${arns.join(', ')}]`;

/** Objects are read, and so have a type, unless they are only listed or are an inventory. */
const checkType = (
  reader: JsonObject,
  resource: string,
  at: string,
  findings: Parameters<Extra>[2]['findings'],
): void => {
  const config = own(reader, 'ReaderConfig') ?? {};
  if (!isObject(config) || has(config, 'InputType') || own(config, 'ManifestType') === 'S3_INVENTORY') return;
  if (!resource.endsWith(':getObject') && own(config, 'Transformation') !== 'LOAD_AND_FLATTEN') return;
  const hasConfig = has(reader, 'ReaderConfig');
  findings.schema(hasConfig ? `${at}/ReaderConfig` : at, required(hasConfig ? 'InputType' : 'ReaderConfig'));
};

const checkItemReader: Extra = (reader, at, { findings, language }) => {
  const resource = own(reader, 'Resource');
  const place = placeField(language);
  if (!has(reader, place)) findings.schema(at, required(place));
  if (typeof resource !== 'string') return;
  if (READERS.test(resource)) checkType(reader, resource, at, findings);
  else {
    const arns = ['getObject', 'listObjectsV2'].map((call) => `arn:<partition>:states:::s3:${call}`);
    findings.schema(`${at}/Resource`, examples(...arns));
  }
};

const CSV_FIELDS = ['CSVHeaderLocation', 'CSVHeaders', 'CSVDelimiter'];

/** The fields of a ReaderConfig that do not go with others of it. */
const strangersIn = (config: JsonObject): readonly string[] => {
  if (own(config, 'ManifestType') === 'S3_INVENTORY') return ['InputType'];
  const inputType = own(config, 'InputType');
  if (inputType === 'CSV') return own(config, 'CSVHeaderLocation') === 'FIRST_ROW' ? ['CSVHeaders'] : [];
  return inputType === 'MANIFEST' ? [] : CSV_FIELDS;
};

const checkReaderConfig: Extra = (config, at, { findings }) => {
  const place = own(config, 'CSVHeaderLocation');
  if (own(config, 'InputType') === 'CSV' && place === undefined) {
    findings.schema(at, "The field 'CSVHeaderLocation' is required");
  }
  if (place === 'GIVEN' && !has(config, 'CSVHeaders')) findings.schema(at, required('CSVHeaders'));
  for (const field of strangersIn(config)) {
    if (has(config, field)) findings.schema(at, `Field '${field}' is not supported`);
  }
};

const LIMITS = ['MaxItemsPerBatch', 'MaxItemsPerBatchPath', 'MaxInputBytesPerBatch', 'MaxInputBytesPerBatchPath'];

const checkItemBatcher: Extra = (batcher, at, { findings }) => {
  if (LIMITS.some((field) => has(batcher, field))) return;
  findings.schema(at, `This object should have at least one of the following fields: [${LIMITS.join(', ')}]`);
};

const checkResultWriter: Extra = (writer, at, { findings, language }) => {
  const resource = own(writer, 'Resource');
  if (typeof resource === 'string' && !WRITER.test(resource)) {
    findings.schema(`${at}/Resource`, examples('arn:<partition>:states:::s3:putObject'));
  }
  const place = placeField(language);
  const missing = ['Resource', place].filter((field) => !has(writer, field));
  const isWhole = missing.length === 0 || (missing.length === 2 && has(writer, 'WriterConfig'));
  if (!isWhole) findings.schema(at, required(...missing));
};

/** What the parts of distributed Maps ask beyond their fields, by the name of the shape. */
export const DISTRIBUTED_CHECKS: Readonly<Record<string, Extra>> = {
  ProcessorConfig: checkProcessorConfig,
  ItemReader: checkItemReader,
  ReaderConfig: checkReaderConfig,
  ItemBatcher: checkItemBatcher,
  ResultWriter: checkResultWriter,
};
