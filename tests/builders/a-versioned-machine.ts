import { aStatesPart, machineOf, type TestStates } from './a-states-part.ts';

/** A machine whose output tells which of its revisions ran. */
export const revision = (number: number): object => machineOf({ A: { Type: 'Pass', Result: number, End: true } });

/** A machine with versions, `m`. */
export type Versioned = {
  readonly states: TestStates;
  readonly machine: string;
  /** The ARNs of its versions, in order. */
  readonly versions: readonly string[];
  /** Points an alias to versions, `[version, weight]`. */
  readonly alias: (name: string, ...routes: (readonly [version: number, weight: number])[]) => Promise<string>;
};

/** Routes as the API has them. */
export const routesTo = (machine: string, ...routes: (readonly [version: number, weight: number])[]): object[] =>
  routes.map(([version, weight]) => ({ stateMachineVersionArn: `${machine}:${version}`, weight }));

/** Makes a machine whose versions 1, 2, … give their numbers. */
export const aVersionedMachine = async (count = 1, states = aStatesPart()): Promise<Versioned> => {
  const machine = await states.create(revision(1), 'm');
  const versions: string[] = [];
  for (let number = 1; number <= count; number++) {
    const definition = JSON.stringify(revision(number));
    const input = { stateMachineArn: machine, definition, publish: true, versionDescription: `number ${number}` };
    versions.push(String((await states.call('UpdateStateMachine', input)).stateMachineVersionArn));
    await states.clock.advance(1000);
  }
  return {
    states,
    machine,
    versions,
    alias: async (name, ...routes) => {
      const input = { name, routingConfiguration: routesTo(machine, ...routes) };
      return String((await states.call('CreateStateMachineAlias', input)).stateMachineAliasArn);
    },
  };
};

/** The ARN of a machine that there is not. */
export const noMachineArn = 'arn:aws:states:us-east-1:111111111111:stateMachine:none';

type BadArn = readonly [what: string, arn: unknown, code: string];

/** ARNs that name no machine, and others: why, the text, the exception. */
export const badMachineArns = (...more: readonly BadArn[]): readonly BadArn[] => [
  ['no machine', noMachineArn, 'StateMachineDoesNotExist'],
  ['another account’s', 'arn:aws:states:us-east-1:222222222222:stateMachine:m', 'StateMachineDoesNotExist'],
  ['no ARN', 'm', 'InvalidArn'],
  ['an execution', 'arn:aws:states:us-east-1:111111111111:execution:m:e', 'InvalidArn'],
  ['a Map state', 'arn:aws:states:us-east-1:111111111111:stateMachine:m/label', 'ValidationException'],
  ['nothing', undefined, 'ValidationException'],
  ['an ARN without an end', `arn:${'x'.repeat(260)}`, 'ValidationException'],
  ...more,
];
