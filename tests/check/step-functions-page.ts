import type { Field } from '../../local/stepfunctions/validation/fields.ts';
import { SHAPES } from '../../local/stepfunctions/validation/part-shapes.ts';
import { STATE_SHAPES } from '../../local/stepfunctions/validation/state-shapes.ts';
import { NOT_YET, type ProvenField, provenFields } from './field-tests.ts';
import { some } from './proof-cells.ts';

const KINDS: Readonly<Record<Field['kind'], string>> = {
  any: 'any JSON',
  array: 'array',
  assignments: 'object of variables',
  boolean: 'true or false',
  condition: 'JSONata expression',
  enum: '',
  integer: 'whole number',
  number: 'number',
  object: 'object',
  objects: 'array of objects',
  path: 'JSONPath',
  pathOrIntrinsic: 'JSONPath or intrinsic function',
  payload: 'any JSON, with expressions in it',
  referencePath: 'JSONPath to one place',
  resource: 'ARN',
  rules: 'rules',
  states: 'object of states',
  string: 'text',
  strings: 'array of texts',
  timestamp: 'RFC 3339 timestamp',
};

const limits = ({ least, most }: Field): string => (least === undefined ? '' : `, ${least} to ${most ?? 'any'}`);

const meaningOf = (field: Field): string => {
  const parts = [
    field.values ? field.values.map((value) => `\`${value}\``).join(', ') : `${KINDS[field.kind]}${limits(field)}`,
    field.part === undefined ? '' : `[${field.part}](#${field.part.toLowerCase()})`,
    field.isNullable ? 'or null' : '',
    field.isFilled ? 'not empty' : '',
    field.isComputed ? 'or a JSONata expression' : '',
    field.isRequired ? '**needed**' : '',
    field.isDistributed ? 'distributed Map only' : '',
  ];
  return parts.filter((part) => part !== '').join('; ');
};

const row = ({ owner, name, field, proof }: ProvenField): string => {
  const why = NOT_YET[`${owner}.${name}`];
  const does = why === undefined ? some(proof.effect, false) : `not yet: ${why}`;
  const cells = [
    `\`${name}\``,
    meaningOf(field),
    field.only ?? 'both',
    some(proof.accept, true),
    some(proof.refuse, true),
    does,
  ];
  return `| ${cells.join(' | ')} |`;
};

const chapter = (owner: string, fields: readonly ProvenField[]): string => {
  const alternatives = (SHAPES[owner]?.alternatives ?? []).map(({ of, isNeeded }) => {
    const names = of.map((name) => `\`${name}\``).join(', ');
    return `- ${isNeeded ? 'Exactly' : 'At most'} one of ${names}.`;
  });
  return [
    `## ${owner}`,
    '',
    '| field | value | language | takes | refuses | effect |',
    '| --- | --- | --- | --- | --- | --- |',
    ...fields.map(row),
    ...(alternatives.length === 0 ? [] : ['', ...alternatives]),
  ].join('\n');
};

const INTRODUCTION = `<!-- Made from local/stepfunctions/validation and its tests by \`npm run docs\`; edit those, not this page. -->

# State machines, field by field

What papilio's engine takes of [Amazon States Language](https://states-language.net/spec.html), as tests prove it. The
last three columns are names of tests: \`npx vitest --config tests/vitest.config.ts -t 'field: Task.TimeoutSeconds'\`
runs those of one field. A field that is missing here is refused: \`Field '…' is not supported\`.

## Validation

\`CreateStateMachine\`, \`UpdateStateMachine\` and \`ValidateStateMachineDefinition\` find everything that is wrong, as
[AWS](https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinitionDiagnostic.html)
tells it, with places such as \`/States/Ask/Catch[0]/Next\`. At most 100 findings are told.

| code | meaning |
| --- | --- |
| \`INVALID_JSON_DESCRIPTION\` | the text is no JSON, or an object has a key twice; the place is a line and column |
| \`TOO_DEEPLY_NESTED\` | more than 1,000 levels |
| \`SCHEMA_VALIDATION_FAILED\` | a field is missing, not known, of the wrong type or out of range |
| \`MISSING_TRANSITION_TARGET\` | a transition leads nowhere, or nothing leads to a state |
| \`MISSING_END_STATE\` | no state of the machine ends it; branches and item processors need none |
| \`INVALID_STATE_NAME\` | a state's name is empty or longer than 80 characters |
| \`DUPLICATE_STATE_NAME\` | two states anywhere in the machine have one name |
| \`INVALID_LABEL_NAME\`, \`DUPLICATE_LABEL_NAME\` | a label has more than 40 characters or those that a name may not have, or is there twice |
| \`INVALID_VARIABLE_NAME\`, \`RESERVED_VARIABLE_NAME\` | \`Assign\` names a variable that cannot be, or \`states\` |
| \`DUPLICATE_VARIABLE_NAME\` | a state inside another sets a variable that is set around it |
| \`INVALID_JSONATA_EXPRESSION\`, \`UNSUPPORTED_JSONATA_EXPRESSION\` | an expression cannot be parsed, or reads what is not there |
| \`NO_DOLLAR\`, \`NO_PATH\`, \`PASS_RESULT_IS_STATIC\` | warnings, told if \`severity\` is \`WARNING\`: a text looks like a path and is taken as it stands |

The result is \`FAIL\` if there is an error, whatever \`severity\` and \`maxResults\` let through. AWS promises no wording and
no order of its messages; where its words are on record, these are the same.

Of what AWS accepts, the engine refuses tasks of services other than Lambda, SQS and Step Functions
(\`The resource provided … is not supported\`) and items in Parquet (\`InputType 'PARQUET' is not supported yet\`).`;

/** \`docs/reference/step-functions.md\`. */
export const stepFunctionsPage = async (): Promise<string> => {
  const fields = await provenFields();
  const owners = new Set(['StateMachine', ...Object.keys(STATE_SHAPES), ...Object.keys(SHAPES)]);
  const chapters = [...owners].map((owner) =>
    chapter(
      owner,
      fields.filter((field) => field.owner === owner),
    ),
  );
  const tests = fields.flatMap(({ proof }) => [...proof.accept, ...proof.refuse, ...proof.effect]).length;
  return `${INTRODUCTION}\n\n${fields.length} fields, ${tests} tests.\n\n${chapters.join('\n\n')}\n`;
};
