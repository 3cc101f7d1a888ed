/** Account of the engine that is killed. */
export const account = '111111111111';

const work = `arn:aws:lambda:us-east-1:${account}:function:work`;

/** Tells the endpoint that all else of the execution is over. */
const Done = {
  Type: 'Task',
  Resource: `arn:aws:lambda:us-east-1:${account}:function:done`,
  Parameters: { 'id.$': '$.id' },
  ResultPath: null,
  End: true,
};

const connection = `arn:aws:events:us-east-1:${account}:connection/web/0`;
const topic = `arn:aws:sns:us-east-1:${account}:told`;

/** Whose activity workers take. */
export const activityArn = `arn:aws:states:us-east-1:${account}:activity:work`;

const machine = (states: Readonly<Record<string, object>>): object => ({
  StartAt: Object.keys(states)[0],
  States: { ...states, Done },
});

const asks = (fields: object): object => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
  TimeoutSeconds: 600,
  ResultPath: '$.result',
  Next: 'Done',
  ...fields,
});

const again = { IntervalSeconds: 1, MaxAttempts: 50, BackoffRate: 1, JitterStrategy: 'FULL' };

/** Everything that may be under way when an engine dies; each gives its result as `result`. */
export const machines = {
  /** A function that fails at first, at the most twice. */
  retries: machine({
    Work: {
      Type: 'Task',
      Resource: work,
      Retry: [{ ErrorEquals: ['Trouble'], ...again }],
      ResultPath: '$.result',
      Next: 'Done',
    },
  }),
  /** Somebody with a token, who sends heartbeats and sometimes refuses. */
  callbacks: machine({
    Ask: asks({
      Parameters: { FunctionName: 'ask', Payload: { 'id.$': '$.id', 'token.$': '$$.Task.Token' } },
      HeartbeatSeconds: 500,
      Retry: [{ ErrorEquals: ['Refused', 'States.Timeout', 'States.HeartbeatTimeout'], ...again }],
    }),
  }),
  /** Nobody answers. */
  silence: machine({
    Ask: asks({
      Parameters: { FunctionName: 'silent', Payload: { 'id.$': '$.id', 'token.$': '$$.Task.Token' } },
      HeartbeatSeconds: 1,
      Catch: [{ ErrorEquals: ['States.HeartbeatTimeout'], ResultPath: '$.result', Next: 'Done' }],
    }),
  }),
  /** A message in the engine's own queue, whose reader answers. */
  queued: machine({
    Ask: asks({
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      Parameters: { 'QueueUrl.$': '$.queue', MessageBody: { 'id.$': '$.id', 'token.$': '$$.Task.Token' } },
    }),
  }),
  /** An inline Map, then two branches, one of which waits. */
  inline: machine({
    Each: {
      Type: 'Map',
      ItemsPath: '$.items',
      MaxConcurrency: 2,
      ItemSelector: { 'id.$': '$.id', 'item.$': '$$.Map.Item.Value' },
      ItemProcessor: { StartAt: 'One', States: { One: { Type: 'Task', Resource: work, End: true } } },
      ResultPath: '$.result',
      Next: 'Both',
    },
    Both: {
      Type: 'Parallel',
      Branches: [
        { StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 1, End: true } } },
        {
          StartAt: 'Work',
          States: { Work: { Type: 'Task', Resource: work, Parameters: { 'id.$': '$.id' }, End: true } },
        },
      ],
      ResultPath: null,
      Next: 'Done',
    },
  }),
  /** A distributed Map whose children call a function each. */
  distributed: machine({
    Each: {
      Type: 'Map',
      Label: 'each',
      ItemsPath: '$.items',
      MaxConcurrency: 3,
      ItemSelector: { 'id.$': '$.id', 'item.$': '$$.Map.Item.Value' },
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'One',
        States: { One: { Type: 'Task', Resource: work, End: true } },
      },
      ResultPath: '$.result',
      Next: 'Done',
    },
  }),
  /** An execution of another machine, waited for. */
  nested: machine({
    Start: {
      Type: 'Task',
      Resource: 'arn:aws:states:::states:startExecution.sync:2',
      Parameters: {
        StateMachineArn: `arn:aws:states:us-east-1:${account}:stateMachine:inline`,
        Input: { 'id.$': "States.Format('{}-child', $.id)", 'items.$': '$.items' },
      },
      ResultSelector: { 'result.$': '$.Output.result' },
      ResultPath: '$.child',
      Next: 'Take',
    },
    Take: { Type: 'Pass', InputPath: '$.child.result', ResultPath: '$.result', Next: 'Done' },
  }),
  /** Workers that ask for work, send heartbeats, sometimes refuse, and sometimes walk away. */
  worked: machine({
    Work: {
      Type: 'Task',
      Resource: activityArn,
      HeartbeatSeconds: 3,
      Retry: [{ ErrorEquals: ['Refused', 'States.HeartbeatTimeout'], ...again }],
      ResultPath: '$.result',
      Next: 'Done',
    },
  }),
  /** A call over the web to one who is busy at first, at the most twice. */
  web: machine({
    Call: {
      Type: 'Task',
      Resource: 'arn:aws:states:::http:invoke',
      Parameters: {
        'ApiEndpoint.$': "States.Format('{}/ask', $.web)",
        Method: 'POST',
        RequestBody: { 'id.$': '$.id', 'fails.$': '$.fails' },
        InvocationConfig: { ConnectionArn: connection },
      },
      ResultSelector: { 'answered.$': '$.ResponseBody.answered' },
      Retry: [{ ErrorEquals: ['States.Http.StatusCode.503'], ...again }],
      ResultPath: '$.result',
      Next: 'Done',
    },
  }),
  /** Told to a topic, to one that keeps the order, and to an event bus; queues, the web and a machine hear of it. */
  told: machine({
    Publish: {
      Type: 'Task',
      Resource: 'arn:aws:states:::sns:publish',
      Parameters: { TopicArn: topic, 'Message.$': '$.id' },
      ResultSelector: { 'messageId.$': '$.MessageId' },
      ResultPath: '$.result',
      Next: 'PublishInOrder',
    },
    PublishInOrder: {
      Type: 'Task',
      Resource: 'arn:aws:states:::sns:publish',
      Parameters: {
        TopicArn: `${topic}.fifo`,
        'Message.$': '$.id',
        MessageGroupId: 'all',
        'MessageDeduplicationId.$': '$.id',
      },
      ResultPath: null,
      Next: 'Put',
    },
    Put: {
      Type: 'Task',
      Resource: 'arn:aws:states:::events:putEvents',
      Parameters: { Entries: [{ Source: 'load', DetailType: 'told', Detail: { 'id.$': '$.id' } }] },
      ResultSelector: { 'eventId.$': '$.Entries[0].EventId' },
      ResultPath: '$.result.event',
      Next: 'Done',
    },
  }),
} as const;

/** Name of a machine. */
export type Kind = keyof typeof machines;

/** The number at the end of an execution's name. */
export const numberOf = (id: string): number => Number(id.split('-')[1]);

/** How often what it calls fails before it does not. */
const failsOf = (id: string): number => numberOf(id) % 3;

/** Where the engine's load is heard: a queue of the engine, and a web server. */
export type Ears = { readonly queue: string; readonly web: string };

/** The input of the execution of this name. */
export const inputOf = (id: string, ears: Ears): string =>
  JSON.stringify({ id, ...ears, items: [1, 2, 3, 4], fails: failsOf(id) });

/** Whether the first who is asked by this execution refuses. */
export const isRefused = (id: string): boolean => numberOf(id) % 5 === 0;

const items = [1, 2, 3, 4].map((item) => ({ doubled: item * 2, tries: 1 }));

type Expected = {
  /** How many tasks of functions it has: one of these. */
  readonly tasks: readonly number[];
  /** Its result; undefined if whoever answered decided it, or the engine drew it. */
  readonly result: unknown;
};

const expectations: Readonly<Record<Kind, (id: string) => Expected>> = {
  retries: (id) => ({ tasks: [2 + failsOf(id)], result: { doubled: 0, tries: 1 + failsOf(id) } }),
  callbacks: (id) => ({ tasks: [isRefused(id) ? 3 : 2], result: undefined }),
  // Its time may be over before an engine that came back has asked.
  silence: () => ({ tasks: [1, 2], result: { Error: 'States.HeartbeatTimeout', Cause: '' } }),
  queued: () => ({ tasks: [1], result: 'read' }),
  inline: () => ({ tasks: [6], result: items }),
  distributed: () => ({ tasks: [5], result: items }),
  nested: () => ({ tasks: [1], result: items }),
  worked: () => ({ tasks: [1], result: undefined }),
  web: (id) => ({ tasks: [1], result: { answered: id } }),
  told: () => ({ tasks: [1], result: undefined }),
};

/** What an execution has to come to, however often the engine died meanwhile. */
export const expectedOf = (kind: Kind, id: string): Expected => expectations[kind](id);
