import { type ApiOperation, apiOperations } from '../builders/api-model.ts';
import { UNSET_MEMBERS } from '../builders/unset-members.ts';
import { type ProvenMember, provenMembers, whyMissing } from './api-tests.ts';
import { some } from './proof-cells.ts';
import { KINDS } from './proofs.ts';

const row = ({ owner, member, proof }: ProvenMember): string => {
  const cells = KINDS.map((kind) => {
    const why = whyMissing(`${owner}.${member} ${kind}`);
    return why === undefined ? some(proof[kind], false) : `none: ${why}`;
  });
  return `| ${[`\`${member}\``, ...cells].join(' | ')} |`;
};

const table = (members: readonly ProvenMember[]): string =>
  ['| member | takes | refuses | effect |', '| --- | --- | --- | --- |', ...members.map(row)].join('\n');

const answer = ({ name, outputs }: ApiOperation): string => {
  const given = outputs.filter((member) => UNSET_MEMBERS[`${name}Output.${member}`] === undefined);
  return given.length === 0
    ? 'Answers with nothing.'
    : `Answers with ${given.map((member) => `\`${member}\``).join(', ')}.`;
};

const chapter = (operation: ApiOperation, members: readonly ProvenMember[]): string => {
  const why = whyMissing(operation.name);
  const paragraphs = why === undefined ? [table(members), answer(operation)] : [`Not served: ${why}`];
  return [`## ${operation.name}`, ...paragraphs].join('\n\n');
};

/** Members of the model that no answer has, by what keeps them away. */
const unset = (): string => {
  const reasons = Map.groupBy(Object.entries(UNSET_MEMBERS), ([, why]) => why);
  const lines = [...reasons].map(
    ([why, members]) => `- ${why}: ${members.map(([member]) => `\`${member}\``).join(', ')}`,
  );
  return `## What no answer has\n\n${lines.join('\n')}`;
};

const INTRODUCTION = `<!-- Made from AWS's own model and the tests of the API by \`npm run docs\`; edit those, not this page. -->

# The Step Functions API, member by member

Every operation of [AWS Step Functions](https://docs.aws.amazon.com/step-functions/latest/apireference/API_Operations.html)
with the members of its input and of the [parts](#parts-of-inputs) of that, as the model in \`@aws-sdk/client-sfn\` lists
them, and what tests prove of each. The last three columns are names of tests:
\`npx vitest --config tests/vitest.config.ts -t 'api: CreateActivity.name'\` runs those of one member. A tour through the whole
API (\`tests/contract/api-answers.test.ts\`) shows that answers have every member that the model gives them, at any depth, but
those [at the end](#what-no-answer-has).`;

/** `docs/reference/step-functions-api.md`. */
export const apiPage = async (): Promise<string> => {
  const members = await provenMembers();
  const byOwner = Map.groupBy(members, ({ owner }) => owner);
  const chapters = apiOperations.map((operation) => chapter(operation, byOwner.get(operation.name) ?? []));
  const names = new Set(apiOperations.map(({ name }) => name));
  const parts = [...byOwner].flatMap(([owner, its]) => (names.has(owner) ? [] : [`### ${owner}`, table(its)]));
  const tests = members.flatMap(({ proof }) => KINDS.flatMap((kind) => proof[kind])).length;
  const count = `${apiOperations.length} operations, ${members.length} members, ${tests} tests.`;
  return `${[INTRODUCTION, count, ...chapters, '## Parts of inputs', ...parts, unset()].join('\n\n')}\n`;
};
