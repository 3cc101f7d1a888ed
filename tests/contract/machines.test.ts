import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { machines } from '../../functions/catalog.ts';
import { aslOf, definitionOf } from '../builders/a-deps-machine.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const Retrier = z.object({ ErrorEquals: z.array(z.string()).min(1) });
const State = z.looseObject({
  Type: z.string(),
  Resource: z.string().optional(),
  Next: z.string().optional(),
  Default: z.string().optional(),
  End: z.boolean().optional(),
  TimeoutSeconds: z.number().optional(),
  TimeoutSecondsPath: z.string().optional(),
  Retry: z.array(Retrier).optional(),
  Catch: z.array(Retrier.extend({ Next: z.string() })).optional(),
  Choices: z.array(z.looseObject({ Next: z.string() })).optional(),
});
const Machine = z.object({ Comment: z.string(), StartAt: z.string(), States: z.record(z.string(), State) });
const read = (name: string) => Machine.parse(JSON.parse(aslOf(name)));
const isMachine = (name: string): name is keyof typeof machines => Object.hasOwn(machines, name);
const names = Object.keys(machines).filter(isMachine);
const statesOf = (name: string) => Object.entries(read(name).States);

/** Every state that may follow one. */
const nextOf = ({ Next, Default, Catch = [], Choices = [] }: z.infer<typeof State>): string[] =>
  [Next, Default, ...[...Catch, ...Choices].map((one) => one.Next)].filter((name) => name !== undefined);

test('every file is a state machine of the catalogue, and has a row in the README', () => {
  const files = globSync('statemachines/*.asl.json', { cwd: root }).map((path) =>
    path.replace(/^.*\/(.*)\.asl\.json$/, '$1'),
  );
  expect(files.toSorted()).toEqual(Object.keys(machines).toSorted());
  const readme = readFileSync(`${root}/statemachines/README.md`, 'utf8');
  const rows = [...readme.matchAll(/^\| `([a-z-]+)` \| (\w+) \|/gm)].map(([, name, plane]) => [name, plane]);
  expect(rows.toSorted()).toEqual(Object.entries(machines).toSorted());
});

describe.each(names)('%s', (name) => {
  test('starts with its comment, and is not longer than a person can follow', () => {
    expect(Object.keys(JSON.parse(aslOf(name)))[0]).toBe('Comment');
    expect(statesOf(name).length).toBeLessThanOrEqual(20);
    for (const [state] of statesOf(name)) expect(state).toMatch(/^([A-Z][a-z0-9]*)+$/);
  });

  test('every name in it is known', () => {
    expect(definitionOf(name)).not.toContain('${');
  });

  test('every state is reached, and leads somewhere', () => {
    const { StartAt, States } = read(name);
    const reached = new Set([StartAt]);
    for (const at of reached) {
      const state = State.parse(States[at]);
      const next = nextOf(state);
      for (const one of next) reached.add(one);
      expect(state.End === true || ['Succeed', 'Fail'].includes(state.Type) || next.length > 0).toBe(true);
    }
    expect([...reached].toSorted()).toEqual(Object.keys(States).toSorted());
  });

  const tasks = statesOf(name).filter(([, { Type }]) => Type === 'Task');

  test.each(tasks)('%s has a timeout, or waits for a machine that has', (_, state) => {
    const nests = state.Resource?.includes('startExecution.sync') === true;
    expect(nests || state.TimeoutSeconds !== undefined || state.TimeoutSecondsPath !== undefined).toBe(true);
  });

  test.each(tasks.filter(([, state]) => !state.Resource?.includes('startExecution')))(
    '%s tries again what is Transient',
    (_, state) => {
      expect(state.Retry?.flatMap(({ ErrorEquals }) => ErrorEquals)).toContain('Transient');
    },
  );

  test.each(tasks.filter(([, state]) => state.Resource?.includes('sqs:') === true))(
    '%s tries again when its queue cannot be reached',
    (_, state) => {
      expect(state.Retry?.flatMap(({ ErrorEquals }) => ErrorEquals)).toContain('SQS.SdkClientException');
    },
  );
});
