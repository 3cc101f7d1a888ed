import { isArray, isObject, type Json, type JsonObject, own } from '../json.ts';
import { checkResource } from './resource.ts';
import { type Context, isExpression } from './values.ts';

/** What a shape asks beyond its fields one by one. */
type Extra = (object: JsonObject, at: string, context: Context) => void;

const ALONE = 'States.ALL must appear alone and at end of list';

/** The wildcard of error names stands by itself, in the last retrier or catcher. */
const checkWildcards = (list: Json | undefined, at: string, { findings }: Context): void => {
  const entries = list !== undefined && isArray(list) ? list : [];
  for (const [index, entry] of entries.entries()) {
    const names = isObject(entry) ? own(entry, 'ErrorEquals') : undefined;
    const errors = names !== undefined && isArray(names) ? names : [];
    const place = errors.indexOf('States.ALL');
    if (place >= 0 && (errors.length > 1 || index < entries.length - 1)) {
      findings.schema(`${at}[${index}]/ErrorEquals[${place}]`, ALONE);
    }
  }
};

const checkRecovery: Extra = (state, at, context) => {
  checkWildcards(own(state, 'Retry'), `${at}/Retry`, context);
  checkWildcards(own(state, 'Catch'), `${at}/Catch`, context);
};

const MAX_LABEL_CHARS = 40;
/** A label becomes part of an ARN, so it has the characters of a name. */
const LABEL = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\p{Cs}]+$/u;

const checkLabel = (label: Json | undefined, at: string, { findings }: Context): void => {
  if (typeof label !== 'string') return;
  if ([...label].length > MAX_LABEL_CHARS) {
    const rule = `exceeds the ${MAX_LABEL_CHARS}-character limit allowed by the service`;
    findings.error('INVALID_LABEL_NAME', `Invalid Label name: ${label} ${rule}`, `${at}/Label`);
  } else if (!LABEL.test(label)) {
    findings.error('INVALID_LABEL_NAME', `Invalid Label name: ${label}`, `${at}/Label`);
  }
};

const checkProcessorConfig: Extra = (config, at, { findings, isExpress }) => {
  if (own(config, 'Mode') !== 'DISTRIBUTED') return;
  if (own(config, 'ExecutionType') === undefined) findings.schema(at, 'These fields are required: [ExecutionType]');
  if (isExpress) {
    const rule = "is not supported inside 'EXPRESS' state machines";
    findings.schema(`${at}/Mode`, `The field 'Mode' with value 'DISTRIBUTED' ${rule}`);
  }
};

const READERS = /^arn:[^:]+:states:::s3:(getObject|listObjectsV2)$/;
const EXAMPLES = '[arn:<partition>:states:::s3:getObject, arn:<partition>:states:::s3:listObjectsV2]';

const checkItemReader: Extra = (reader, at, { findings }) => {
  const resource = own(reader, 'Resource');
  if (typeof resource === 'string' && !READERS.test(resource)) {
    const rule = 'does not match any of the allowed values';
    findings.schema(`${at}/Resource`, `The field 'Resource' ${rule}. Examples: ${EXAMPLES}`);
  }
};

const checkReaderConfig: Extra = (config, at, { findings }) => {
  const place = own(config, 'CSVHeaderLocation');
  const isCsv = own(config, 'InputType') === 'CSV';
  if (isCsv && place === undefined) findings.schema(at, "The field 'CSVHeaderLocation' is required");
  if (place === 'GIVEN' && own(config, 'CSVHeaders') === undefined) {
    findings.schema(at, 'These fields are required: [CSVHeaders]');
  }
  if (own(config, 'InputType') === 'MANIFEST' || isCsv) return;
  for (const field of ['CSVHeaderLocation', 'CSVHeaders', 'CSVDelimiter']) {
    if (own(config, field) !== undefined) findings.schema(at, `Field '${field}' is not supported`);
  }
};

const WRITER = /^arn:[^:]+:states:::s3:putObject$/;

const checkResultWriter: Extra = (writer, at, { findings, language }) => {
  const resource = own(writer, 'Resource');
  if (typeof resource === 'string' && !WRITER.test(resource)) {
    const rule = 'does not match any of the allowed values';
    findings.schema(
      `${at}/Resource`,
      `The field 'Resource' ${rule}. Examples: [arn:<partition>:states:::s3:putObject]`,
    );
  }
  const request = language === 'JSONata' ? 'Arguments' : 'Parameters';
  const hasRequest = own(writer, request) !== undefined;
  if ((resource !== undefined) === hasRequest) return;
  findings.schema(at, `These fields are required: [${hasRequest ? 'Resource' : request}]`);
};

const checkCredentials: Extra = (credentials, at, { findings }) => {
  const role = own(credentials, 'RoleArn') ?? own(credentials, 'RoleArn.$');
  if (role === undefined) findings.schema(at, "The field 'RoleArn' is required but was missing");
  else if (typeof role === 'string' && !isExpression(role) && !/^(arn:|\$|States\.)/.test(role)) {
    findings.schema(`${at}/RoleArn`, 'Value is not a valid resource ARN');
  }
};

/** By the name of the shape. */
export const EXTRA_CHECKS: Readonly<Record<string, Extra>> = {
  Task: (state, at, context) => {
    checkResource(state, at, context);
    checkRecovery(state, at, context);
  },
  Parallel: checkRecovery,
  Map: (state, at, context) => {
    checkRecovery(state, at, context);
    checkLabel(own(state, 'Label'), at, context);
  },
  ProcessorConfig: checkProcessorConfig,
  ItemReader: checkItemReader,
  ReaderConfig: checkReaderConfig,
  ResultWriter: checkResultWriter,
  Credentials: checkCredentials,
};
