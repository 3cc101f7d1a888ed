import { type CallBudget, type Measured, readCallBudget } from '../builders/call-budget.ts';
import { readFileBudget } from '../builders/file-budget.ts';
import { madeFrom, table } from './markdown.ts';

type Calls = Measured['calls'];

/** How often calls were made, by whomever, whose names begin so. */
const sumOf = (calls: Calls, isMeant: (call: string) => boolean): number =>
  Object.values(calls)
    .flatMap((made) => Object.entries(made))
    .reduce((sum, [call, count]) => sum + (isMeant(call) ? count : 0), 0);

const named =
  (...names: readonly string[]) =>
  (call: string): boolean =>
    names.includes(call);

const total = (record: Readonly<Record<string, number>>): number =>
  Object.values(record).reduce((sum, count) => sum + count, 0);

/** What is counted, by service, and how it is found in what was measured. */
const rows: readonly (readonly [string, string, (measured: Measured) => number])[] = [
  ['Step Functions', 'StartExecution', ({ calls }) => sumOf(calls, named('sfn StartExecution'))],
  ['', 'executions, nested ones too', ({ executions }) => total(executions)],
  ['', 'state transitions', ({ transitions }) => transitions],
  [
    '',
    'SendTaskSuccess, SendTaskFailure',
    ({ calls }) => sumOf(calls, named('sfn SendTaskSuccess', 'sfn SendTaskFailure')),
  ],
  ['Lambda', 'invocations', ({ calls }) => sumOf(calls, (call) => call.startsWith('invoke '))],
  ['SQS', 'SendMessage, by state machines', ({ calls }) => sumOf(calls, named('sqs SendMessage'))],
  ['', 'SendMessageBatch', ({ calls }) => sumOf(calls, named('sqs SendMessageBatch'))],
  ['', 'ReceiveMessage that brought some', ({ calls }) => sumOf(calls, named('sqs ReceiveMessage'))],
  ['', 'DeleteMessageBatch', ({ calls }) => sumOf(calls, named('sqs DeleteMessageBatch'))],
  ['', 'messages', ({ calls }) => sumOf(calls, named('sqs messages received'))],
  ['store', 'get', ({ calls }) => sumOf(calls, named('store get'))],
  ['', 'getMany', ({ calls }) => sumOf(calls, named('store getMany'))],
  ['', 'keys read by both', ({ calls }) => sumOf(calls, named('store keys read'))],
  ['', 'query', ({ calls }) => sumOf(calls, named('store query'))],
  ['', 'transact', ({ calls }) => sumOf(calls, named('store transact'))],
  ['', 'of these, with events', ({ calls }) => sumOf(calls, named('store transact with events'))],
  ['', 'putMany', ({ calls }) => sumOf(calls, named('store putMany'))],
  ['', 'items written by both', ({ calls }) => sumOf(calls, named('store items written'))],
  ['', 'events', ({ calls }) => sumOf(calls, named('store events'))],
  ['objects', 'put', ({ calls }) => sumOf(calls, (call) => /^(archive|outputs) put/.test(call))],
  ['', 'read', ({ calls }) => sumOf(calls, (call) => /^(archive|outputs) (read|verify)/.test(call))],
  ['', 'stat, list', ({ calls }) => sumOf(calls, (call) => /^(archive|outputs) (stat|list)/.test(call))],
];

const summary = ({ one, ten, end }: CallBudget): string =>
  table(
    ['service', 'call', 'one STF', 'each of ten together', 'end of a run'],
    rows.map(([service, call, count]) => [
      service,
      call,
      String(count(one)),
      String(count(ten) / ten.stfs),
      String(count(end)),
    ]),
  );

const byMaker = (calls: Calls): string =>
  table(
    ['made by', 'calls'],
    Object.entries(calls).map(([name, made]) => [
      `\`${name}\``,
      Object.entries(made)
        .filter(([, count]) => count > 0)
        .map(([call, count]) => `${call} ${count}`)
        .join(', '),
    ]),
  );

const filesTable = (): string => {
  const { files, bytesMost } = readFileBudget();
  const total = Object.values(files).reduce((sum, count) => sum + count, 0);
  const rows = Object.entries(files).map(([part, count]) => {
    const most = bytesMost[part];
    return [`\`${part}\``, String(count), most === undefined ? 'its own' : `${Math.floor(most / 4_096) * 4} kB`];
  });
  const kb = Object.values(bytesMost).reduce((sum, most) => sum + Math.floor(most / 4_096) * 4, 0);
  return table(['part of the data folder', 'files', 'at most'], [...rows, ['together', String(total), `${kb} kB`]]);
};

/** `docs/developers/calls.md`. */
export const callsPage = (): string => {
  const budget = readCallBudget();
  return `${madeFrom('tests/contract/call-budget.json')}
# Calls

What the first path asks of services, from a message of the DAQ to a registered output, both planes together. The numbers
are a budget: \`tests/contract/call-budget.test.ts\` plays the path in memory, by a clock of its own, and fails if a call
came or went. What is meant is written down by

\`\`\`sh
node tests/check/write-call-budget.ts && npm run docs
\`\`\`

[Why it is so](../adr/0044-a-budget-of-calls.md). An STF has one job, so a column is of an STF and of its job alike.

${summary(budget)}

Ten together cost less where a call takes many, and more where they meet: two that change one record at once, such as a
share of the run's progress, are a \`transact\` that is made again.

## On AWS

Counted is at the ports. One call of a port is on AWS:

| port | AWS |
| --- | --- |
| store \`get\` | GetItem, consistent |
| store \`getMany\` | BatchGetItem for each 100 keys, consistent |
| store \`query\` | Query; as many as it takes to fill a page |
| store \`transact\` | TransactWriteItems of as many items, and one more with events |
| … with events | besides, Query, BatchGetItem and TransactWriteItems of the log; commits at once share them |
| store \`putMany\` | TransactWriteItems for each 100 records |
| objects, put | PutObject, or a multipart upload above the adapter's limit |
| a scheduled function | one invocation each time |
| a queue's trigger | SQS polls; Lambda's own receives and deletes are billed like others |

What AWS's prices are is not here: they differ by region and change. Transactions count twice in DynamoDB's units.

## One STF, by who asks

\`services\` is what the planes do themselves: invocations, receiving and deleting of messages.

${byMaker(budget.one.calls)}

## Files on the disk

What an STF leaves on the disk of the embedded mode, counted by \`tests/e2e/first-run.test.ts\` after a real run against
\`tests/contract/file-budget.json\`. Folders are shared by a thousand. Stores and engines are not files an STF.

${filesTable()}

Successful attempts go after 7 days, others after 30: [why](../adr/0048-attempts-become-one-file-and-go-by-rule.md).

## A minute without work

Schedules and receives that wait in vain, of both planes.

${byMaker(budget.minute.calls)}
`;
};
