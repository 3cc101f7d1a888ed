import { functionArn, machineOf } from './a-states-part.ts';
import { account } from './an-engine.ts';

/** Machines of one shape, and the execution of the last of them that a test runs. */
export type Shape = {
  readonly name: string;
  /** Definitions by name. */
  readonly machines: Readonly<Record<string, object>>;
  readonly input: object;
};

/** Where machines ask the world for an answer. */
export const asksUrl = `http://127.0.0.1/${account}/asks`;

/** What a function is asked; it fails while `attempt` is below `until`. */
const call = (Parameters: object, more: object = {}) => ({
  Type: 'Task',
  Resource: functionArn('f'),
  Parameters,
  ...more,
});
/** Asks by a message that carries a token; who takes it beats so many times, then answers. */
const ask = (body: object, more: object = {}) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
  Parameters: { QueueUrl: asksUrl, MessageBody: { 'token.$': '$$.Task.Token', ...body } },
  ...more,
});
const again = { ErrorEquals: ['Flaky'], IntervalSeconds: 60, MaxAttempts: 3, BackoffRate: 1 };
const apart = { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' };

const one = (name: string, definition: object, input: object = {}): Shape => ({
  name,
  machines: { [name]: definition },
  input,
});

const passes = one(
  'passes',
  machineOf({
    A: { Type: 'Pass', Parameters: { 'k.$': "States.Format('{}-{}', $.a, $.b)" }, ResultPath: '$.r', Next: 'B' },
    B: { Type: 'Pass', Result: [1, 2, 3], ResultPath: '$.l', Next: 'C' },
    C: { Type: 'Pass', Parameters: { 'n.$': 'States.ArrayLength($.l)', 'all.$': '$' }, Next: 'D' },
    D: { Type: 'Succeed' },
  }),
  { a: 1, b: 'x' },
);

const loop = one(
  'loop',
  machineOf({
    More: { Type: 'Choice', Choices: [{ Variable: '$.n', NumericLessThan: 3, Next: 'Rest' }], Default: 'Over' },
    Rest: { Type: 'Wait', Seconds: 60, Next: 'Count' },
    Count: { Type: 'Pass', Parameters: { 'n.$': 'States.MathAdd($.n, 1)' }, Next: 'More' },
    Over: { Type: 'Succeed' },
  }),
  { n: 0 },
);

const retried = one(
  'retried',
  machineOf({
    Flaky: call(
      { fail: 'Flaky', until: 2, 'attempt.$': '$$.State.RetryCount' },
      { Retry: [again], ResultPath: '$.flaky', Next: 'Broken' },
    ),
    Broken: call(
      { fail: 'Broken', until: 9, attempt: 0 },
      { Catch: [{ ErrorEquals: ['Broken'], ResultPath: '$.why', Next: 'Mended' }], End: true },
    ),
    Mended: { Type: 'Pass', End: true },
  }),
);

const parallel = one(
  'parallel',
  machineOf({
    Both: {
      Type: 'Parallel',
      Branches: [
        machineOf({ X: call({ x: 1 }, { Next: 'Y' }), Y: { Type: 'Wait', Seconds: 60, End: true } }),
        machineOf({ Z: { Type: 'Wait', Seconds: 120, Next: 'W' }, W: call({ w: 1 }, { End: true }) }),
      ],
      End: true,
    },
  }),
);

const items = one(
  'items',
  machineOf({
    Each: {
      Type: 'Map',
      ItemsPath: '$.waits',
      MaxConcurrency: 2,
      ItemProcessor: machineOf({
        Rest: { Type: 'Wait', SecondsPath: '$', Next: 'Do' },
        Do: call({ 'item.$': '$' }, { End: true }),
      }),
      End: true,
    },
  }),
  { waits: [60, 120, 180, 30] },
);

const spread = one(
  'spread',
  machineOf({
    Each: {
      Type: 'Map',
      Label: 'each',
      ItemReader: {
        Resource: 'arn:aws:states:::s3:getObject',
        ReaderConfig: { InputType: 'JSON' },
        Parameters: { Bucket: 'b', Key: 'items' },
      },
      ItemBatcher: { MaxItemsPerBatch: 2 },
      MaxConcurrency: 2,
      ToleratedFailureCount: 2,
      ItemProcessor: {
        ProcessorConfig: apart,
        ...machineOf({ Rest: { Type: 'Wait', Seconds: 60, Next: 'Do' }, Do: call({ 'x.$': '$' }, { End: true }) }),
      },
      End: true,
    },
  }),
);

const token = one(
  'token',
  machineOf({
    Ask: ask({ key: 'first', beats: 2 }, { HeartbeatSeconds: 90, ResultPath: '$.first', Next: 'AskAgain' }),
    AskAgain: ask({ key: 'second', beats: 0 }, { ResultPath: '$.second', Next: 'Nobody' }),
    Nobody: ask(
      { key: 'nobody', beats: 0 },
      {
        TimeoutSeconds: 120,
        Catch: [{ ErrorEquals: ['States.Timeout'], ResultPath: '$.late', Next: 'Over' }],
        End: true,
      },
    ),
    Over: { Type: 'Succeed' },
  }),
);

const nested: Shape = {
  name: 'nested',
  machines: {
    inner: machineOf({ Rest: { Type: 'Wait', Seconds: 60, Next: 'Do' }, Do: call({ 'x.$': '$.x' }, { End: true }) }),
    nested: machineOf({
      Start: {
        Type: 'Task',
        Resource: 'arn:aws:states:::states:startExecution.sync:2',
        Parameters: {
          StateMachineArn: `arn:aws:states:us-east-1:${account}:stateMachine:inner`,
          'Name.$': "States.Format('{}-inner', $$.Execution.Name)",
          Input: { x: 7 },
        },
        ResultSelector: { 'output.$': '$.Output', 'status.$': '$.Status' },
        End: true,
      },
    }),
  },
  input: {},
};

const variables = (multiples: string): Shape =>
  one(
    'variables',
    {
      QueryLanguage: 'JSONata',
      ...machineOf({
        Begin: { Type: 'Pass', Assign: { n: '{% $states.input.n %}', seen: [] }, Next: 'Rest' },
        Rest: { Type: 'Wait', Seconds: 60, Next: 'Count' },
        Count: {
          Type: 'Pass',
          Assign: { n: '{% $n + 1 %}', seen: '{% [$seen, $n] %}' },
          Output: multiples,
          Next: 'Enough',
        },
        Enough: { Type: 'Choice', Choices: [{ Condition: '{% $n < 3 %}', Next: 'Rest' }], Default: 'Over' },
        Over: { Type: 'Succeed', Output: { last: '{% $states.input %}', n: '{% $n %}', seen: '{% $seen %}' } },
      }),
    },
    { n: 0 },
  );

const large = (chars: number): Shape =>
  one(
    'large',
    machineOf({
      Both: {
        Type: 'Parallel',
        Branches: [
          machineOf({ Echo: call({ 'text.$': '$.text' }, { End: true }) }),
          machineOf({ Rest: { Type: 'Wait', Seconds: 60, End: true } }),
        ],
        ResultPath: '$.both',
        Next: 'Rest2',
      },
      Rest2: { Type: 'Wait', Seconds: 60, End: true },
    }),
    { text: 'papilio '.repeat(chars / 8) },
  );

/** An expression with a function of its own is evaluated in another process, which takes its time. */
const multiples = { inside: '{% [$n, $n * 2, $n * 3] %}', outside: '{% $map([1..3], function($i) { $i * $n }) %}' };

/** Ten machines of different shapes; what they wait for lies a minute apart, so that their events keep their order. */
export const tenMachines = (expressions: 'inside' | 'outside' = 'outside', largeChars = 8000): readonly Shape[] => [
  passes,
  loop,
  retried,
  parallel,
  items,
  spread,
  token,
  nested,
  variables(multiples[expressions]),
  large(largeChars),
];
