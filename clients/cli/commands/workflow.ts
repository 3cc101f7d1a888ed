import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import * as z from 'zod';
import { WorkflowMock, type WorkflowTest, type WorkflowTestResult } from '#schema/workflow';
import * as api from '../../http/generated/operations.ts';
import { contextOf } from '../context.ts';
import { exit, UsageError, Verdict } from '../failure.ts';
import type { Io } from '../io.ts';
import { readStdin } from '../stdin.ts';
import { facts } from '../table.ts';
import { harmless } from '../words.ts';
import { graphLines, readGraph } from '../workflow-graph.ts';
import { graphSvg } from '../workflow-svg.ts';
import { addWorkflowList } from './workflow-list.ts';

const TestOptions = z.object({
  state: z.string().optional(),
  input: z.string().optional(),
  inspect: z
    .enum(['info', 'debug', 'trace'])
    .default('info')
    .catch(() => {
      throw new UsageError('--inspect is none of info, debug, trace', '--inspect debug');
    }),
  mock: z.string().optional(),
  variables: z.string().optional(),
  retries: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .catch(() => {
      throw new UsageError('--retries is not a number from 0 on', '--retries 1');
    }),
});

/** A file's text; `-` is what is piped in. @throws UsageError */
const textIn = async (path: string, io: Io): Promise<string> => {
  if (path === '-') return readStdin(io);
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${error instanceof Error ? error.message : error}`, 'papilio … FILE');
  }
};

/** The value in a file of JSON. @throws UsageError */
const jsonIn = async (path: string | undefined, io: Io): Promise<unknown> => {
  if (path === undefined) return undefined;
  try {
    return JSON.parse(await textIn(path, io));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${path} is no JSON: ${error instanceof Error ? error.message : error}`, 'echo "{}" > FILE');
  }
};

const mockExample = `echo '{"result": {"ok": true}}' > FILE, or '{"error": "Transient", "cause": "away"}'`;

const parsed = <S extends z.ZodType>(schema: S, value: unknown, file: string, example: string): z.output<S> => {
  const found = schema.safeParse(value);
  if (found.success) return found.data;
  throw new UsageError(`${file} is not of the form that it should have`, example);
};

const pretty = (value: unknown): string[] => harmless(JSON.stringify(value, null, 2) ?? 'null').split('\n');

const stageLines = ([name, value]: [string, unknown]): string[] => ['', `${name}:`, ...pretty(value)];

const testLines = ({ status, nextState, error, cause, output, inspection = {} }: WorkflowTestResult): string[] => [
  ...facts([
    ['status', status],
    ['next', nextState],
    ['error', error],
    ['cause', cause],
  ]),
  ...Object.entries(inspection).flatMap(stageLines),
  ...(output === undefined ? [] : stageLines(['output', output])),
];

const addValidate = (workflow: Command, io: Io): void => {
  workflow
    .command('validate <file>')
    .description('what is wrong with a definition in Amazon States Language (exit code 1 if anything is)')
    .addHelpText('after', '\nExample:\n  papilio workflow validate statemachines/process-stf.asl.json')
    .action(async (file: string, _options, command: Command) => {
      const { client, list } = contextOf(command, io);
      const body = { definition: await textIn(file, io) };
      const { result, problems } = await client.call(api.validateWorkflow, { body });
      await list(async () => ({ items: problems }), {
        columns: [
          { head: 'SEVERITY', of: ({ severity }) => severity },
          { head: 'CODE', of: ({ code }) => code },
          { head: 'WHERE', of: ({ location }) => location ?? '–' },
          { head: 'WHAT', of: ({ message }) => message },
        ],
        name: ({ code, location }) => `${code} ${location ?? ''}`,
        wantsAll: true,
        none: `${file}: nothing is wrong`,
      });
      if (result === 'FAIL') throw new Verdict(exit.failed);
    });
};

const addTest = (workflow: Command, io: Io): void => {
  workflow
    .command('test <file>')
    .description('what one state makes of an input, without any work being done (exit code 1 if it fails)')
    .option('--state <name>', 'a state of the machine; without it the file holds a single state')
    .option('--input <file>', 'JSON; - is what is piped in (default: {})')
    .option('--inspect <level>', 'info, debug or trace: with the data after each step', 'info')
    .option('--mock <file>', 'what comes of the work: {"result": …} or {"error": "…", "cause": "…"}')
    .option('--variables <file>', 'JSON object of workflow variables')
    .option('--retries <n>', 'attempts that its Retry has made before')
    .addHelpText(
      'after',
      '\nExamples:\n  papilio workflow test hello.asl.json --state Greet --input in.json --inspect debug\n  papilio workflow test hello.asl.json --state Ask --mock answer.json',
    )
    .action(async (file: string, raw, command: Command) => {
      const options = TestOptions.parse(raw);
      const { client, one } = contextOf(command, io);
      const { state, inspect, retries } = options;
      const mock = await jsonIn(options.mock, io);
      const variables = await jsonIn(options.variables, io);
      const body: WorkflowTest = {
        definition: await textIn(file, io),
        inspect,
        state,
        retries,
        input: await jsonIn(options.input, io),
        ...(mock !== undefined && { mock: parsed(WorkflowMock, mock, '--mock', mockExample) }),
        ...(variables !== undefined && {
          variables: parsed(z.record(z.string(), z.unknown()), variables, '--variables', `echo '{"n": 1}' > FILE`),
        }),
      };
      const result = await client.call(api.testWorkflow, { body });
      one(result, { name: result.status, lines: testLines });
      if (result.status === 'FAILED') throw new Verdict(exit.failed);
    });
};

/** `papilio workflow list|show|validate|test|graph`. */
export const addWorkflow = (program: Command, io: Io): void => {
  const workflow = program
    .command('workflow')
    .description('state machines, and those that somebody writes, before they run');
  addWorkflowList(workflow, io);
  addValidate(workflow, io);
  addTest(workflow, io);
  workflow
    .command('graph <file>')
    .description('the states of a machine and what leads where, as text or as a picture')
    .option('--svg', 'an SVG picture')
    .addHelpText(
      'after',
      '\nExamples:\n  papilio workflow graph statemachines/process-stf.asl.json\n  papilio workflow graph hello.asl.json --svg > hello.svg',
    )
    .action(async (file: string, { svg }: { svg?: boolean }) => {
      const graph = readGraph(await textIn(file, io));
      io.out.write(`${svg ? graphSvg(graph) : harmless(graphLines(graph).join('\n'))}\n`);
    });
};
