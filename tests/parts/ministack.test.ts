import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { type Ministack, ministackPart, startMinistack } from '../../local/stack/parts/ministack.ts';
import { type Answer, guide, outcomeOf } from '../builders/an-outcome.ts';
import { generatedJsonataMachine } from '../builders/generated-jsonata-machines.ts';
import { functionError, type GeneratedMachine, generatedMachine } from '../builders/generated-machines.ts';

/** Generated machines here and on ministack: where the two disagree, AWS's documentation says who is right. */
let ministack: Ministack;
beforeAll(async () => {
  ministackPart.install();
  ministack = await startMinistack();
}, 600_000);
afterAll(() => ministack?.stop());

const jsonPathCount = 320;
const jsonataCount = 120;
const seed = 20_260_101;
const atOnce = 16;

/** What an execution came to: its output, or its error; and the types of its events in their order. */
type Answered = { readonly end: unknown; readonly types: readonly string[] };
type Compared = {
  readonly machine: GeneratedMachine;
  readonly ours: Answered;
  readonly theirs: Answered;
  /** Everything that our history says, as text. */
  readonly told: string;
};

const functions: Answer = (payload, _call, name) =>
  name === 'echo' ? { ok: payload } : { error: functionError, cause: 'it broke' };

const FunctionCause = z.object({ errorType: z.string(), errorMessage: z.string() });

/** A value without what depends on the function's language: the stack in the cause of its error. */
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value ?? null), (_key, each: unknown) => {
    if (typeof each !== 'string' || !each.startsWith('{')) return each;
    const { data } = FunctionCause.safeParse(JSON.parse(each));
    return data ? { ...data } : each;
  });

const Described = z.object({ status: z.string(), output: z.string().optional(), error: z.string().optional() });

const endOf = (description: unknown): unknown => {
  const { status, output, error } = Described.parse(description);
  return status === 'SUCCEEDED' ? { output: plain(JSON.parse(output ?? 'null')) } : { status, error };
};

/** Our events as ministack has them: it tells of no branch, item or start, and of a function as of any task. */
const RENAMED: Readonly<Record<string, string>> = {
  LambdaFunctionScheduled: 'TaskScheduled',
  LambdaFunctionSucceeded: 'TaskSucceeded',
  LambdaFunctionFailed: 'TaskFailed',
};
const UNTOLD =
  /^(EvaluationFailed|LambdaFunctionStarted|TaskStarted|MapIteration\w+|(Map|Parallel)State(Started|Succeeded|Failed)|\w+Aborted)$/;
/** The names of states inside a Map or Parallel. */
const INNER = /"name":"[mxy]/;

const ours = async ({ definition, input }: GeneratedMachine): Promise<Answered & { told: string }> => {
  const outcome = await outcomeOf(definition, input, { answer: functions, withinS: 120 });
  if (outcome.text.startsWith('refused')) throw new Error(outcome.text);
  const events = await outcome.history();
  const types = events
    .filter((event) => !UNTOLD.test(event.type) && !INNER.test(JSON.stringify(event)))
    .map(({ type }) => RENAMED[type] ?? type);
  return { end: endOf(outcome.described), types, told: JSON.stringify(events) };
};

const History = z.object({ events: z.array(z.object({ type: z.string() })) });

const theirs = async ({ definition, input }: GeneratedMachine, name: string): Promise<Answered> => {
  const { stateMachineArn } = await ministack.call('CreateStateMachine', {
    name,
    definition: JSON.stringify(definition),
    roleArn: 'arn:aws:iam::111111111111:role/r',
  });
  const started = await ministack.call('StartExecution', { stateMachineArn, input: JSON.stringify(input) });
  const executionArn = { executionArn: started.executionArn };
  for (;;) {
    const description = await ministack.call('DescribeExecution', executionArn);
    if (description.status !== 'RUNNING') {
      const { events } = History.parse(
        await ministack.call('GetExecutionHistory', { ...executionArn, maxResults: 1000 }),
      );
      return { end: endOf(description), types: events.map(({ type }) => type) };
    }
    await sleep(100);
  }
};

const compare = async (machine: GeneratedMachine, name: string): Promise<Compared> => {
  const { told, ...here } = await ours(machine);
  return { machine, ours: here, theirs: await theirs(machine, name), told };
};

/** A class of disagreement, and the page by which ministack is wrong in it. */
type Disagreement = {
  readonly what: string;
  readonly page: string;
  readonly explains: (compared: Compared, definition: string) => boolean;
};

const inHistory =
  (pattern: RegExp) =>
  ({ told }: Compared) =>
    pattern.test(told);
const inDefinition = (pattern: RegExp) => (_compared: Compared, definition: string) => pattern.test(definition);

const DISAGREEMENTS: readonly Disagreement[] = [
  {
    what: 'a path that finds nothing fails the execution with States.Runtime; ministack takes null',
    page: guide('concepts-error-handling'),
    explains: inHistory(
      /could not be found in the input|No results for path|references an invalid value|must point to array/,
    ),
  },
  {
    what: 'an intrinsic function that fails gives States.IntrinsicFailure; ministack gives States.Runtime, which nothing catches',
    page: guide('intrinsic-functions'),
    explains: inHistory(/States\.IntrinsicFailure/),
  },
  {
    what: 'a ResultPath that does not fit gives States.ResultPathMatchFailure; ministack replaces what is in the way',
    page: guide('concepts-error-handling'),
    explains: inHistory(/States\.ResultPathMatchFailure/),
  },
  {
    what: 'paths have descent, slices and indexes from the end; ministack finds null',
    page: guide('amazon-states-language-paths'),
    explains: inDefinition(/\$\.\.|\[-\d|\[\d:/),
  },
  {
    what: 'strings and timestamps are compared with a value at a path; ministack finds them never equal, less or greater',
    page: guide('state-choice'),
    explains: inDefinition(/"(String(Less|Greater)\w*|Timestamp\w*)Path"/),
  },
  {
    what: 'true and false are no numbers; to ministack they are',
    page: guide('state-choice'),
    explains: inDefinition(/"Variable":"\$\.c","IsNumeric"|"Variable":"\$\.(a|o\.x|l\[0\])","BooleanEquals"/),
  },
  {
    what: 'null is present; to ministack it is not',
    page: guide('state-choice'),
    explains: inDefinition(/"Variable":"\$\.z","IsPresent"/),
  },
  {
    what: 'a branch or item that fails stops the others; those of ministack run on to their ends',
    page: guide('state-parallel'),
    explains: ({ ours: here, theirs: there, told }) =>
      /(State|MapIteration)Aborted/.test(told) && isDeepStrictEqual(here.end, there.end),
  },
  {
    what: 'an expression that fails is told by EvaluationFailed; ministack tells of a failed task',
    page: 'https://docs.aws.amazon.com/step-functions/latest/apireference/API_EvaluationFailedEventDetails.html',
    explains: ({ ours: here, theirs: there, told }) =>
      /"EvaluationFailed"/.test(told) && isDeepStrictEqual(here.end, there.end),
  },
  {
    what: 'a Parallel of JSONata gives its Output; ministack gives the results of the branches',
    page: guide('transforming-data'),
    explains: inDefinition(/"QueryLanguage":"JSONata".*"Type":"Parallel"/),
  },
  {
    what: 'a Succeed of JSONata gives its Output; ministack gives its input',
    page: guide('transforming-data'),
    explains: inDefinition(/"QueryLanguage":"JSONata".*"Type":"Succeed","Output":/),
  },
  {
    what: 'a Fail without Error has none; ministack calls it States.Fail',
    page: guide('state-fail'),
    explains: (_compared, definition) => /"Type":"Fail"/.test(definition) && !/"Error(Path)?":/.test(definition),
  },
];

const isSame = ({ machine, ours: here, theirs: there }: Compared): boolean => {
  // Branches and items of ministack run on threads, in any order.
  const hasThreads = /"Type":"(Map|Parallel)"/.test(JSON.stringify(machine.definition));
  const shown = ({ end, types }: Answered) => ({ end, types: hasThreads ? types.toSorted() : types });
  return isDeepStrictEqual(shown(here), shown(there));
};

/** A disagreement on one line each: what was run, and what came of it. */
const lineOf = ({ machine, ours: here, theirs: there }: Compared): string[] =>
  [machine.definition, machine.input, here, there].map((each) => JSON.stringify(each));

test('generated machines come to the same end here and there, but for what is known', async () => {
  const machines = [
    ...fc.sample(generatedMachine, { seed, numRuns: jsonPathCount }),
    ...fc.sample(generatedJsonataMachine, { seed, numRuns: jsonataCount }),
  ];
  const waiting = machines.entries();
  const all: Compared[] = [];
  const work = async (): Promise<void> => {
    for (const [at, machine] of waiting) all.push(await compare(machine, `generated-${at}`));
  };
  await Promise.all(Array.from({ length: atOnce }, work));

  const different = all.filter((compared) => !isSame(compared));
  const reasons = different.map((compared) => ({
    compared,
    why: DISAGREEMENTS.filter(({ explains }) => explains(compared, JSON.stringify(compared.machine.definition))),
  }));
  expect(reasons.filter(({ why }) => why.length === 0).map(({ compared }) => lineOf(compared))).toEqual([]);
  // A row of the table that explains nothing goes; and most machines must agree, or nothing would be proved.
  const seen = new Set(reasons.flatMap(({ why }) => why));
  expect(DISAGREEMENTS.filter((row) => !seen.has(row))).toEqual([]);
  expect(all).toHaveLength(machines.length);
  expect(all.length - different.length).toBeGreaterThan(machines.length * 0.7);
}, 600_000);
