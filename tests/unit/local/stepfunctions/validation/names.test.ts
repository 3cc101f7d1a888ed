import { expect, test } from 'vitest';
import { aStatesPart, machineOf } from '../../../../builders/a-states-part.ts';

// https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
const definition = JSON.stringify(machineOf({ A: { Type: 'Succeed' } }));
const create = (states: ReturnType<typeof aStatesPart>, name: string) =>
  states.call('CreateStateMachine', { name, definition, roleArn: 'arn:aws:iam::111111111111:role/r' });

const good = ['a', 'a'.repeat(80), 'A-b_c.d', '0', 'größe', "it's", '(1+1)=2!', '@', '😀'];
const bad = [
  ...[
    '',
    'a'.repeat(81),
    'a b',
    'a\tb',
    '\n',
    '<',
    '>',
    '{',
    '}',
    '[',
    ']',
    '?',
    '*',
    '"',
    '#',
    '%',
    '\\',
    '^',
    '|',
    '~',
  ],
  ...[
    '`',
    '$',
    '&',
    ',',
    ';',
    ':',
    '/',
    '\u0000',
    '\u001f',
    '\u007f',
    '\u009f',
    '\ud800',
    '\udfff',
    '\ufffe',
    '\uffff',
  ],
  ...['\u{10ffff}', '\u00a0', '\u2028'],
];

test.each(good)('%j is a name of machines and of executions', async (name) => {
  const states = aStatesPart();
  const { stateMachineArn } = await create(states, name);
  expect(stateMachineArn).toMatch(/:stateMachine:/);
  const { executionArn } = await states.call('StartExecution', { stateMachineArn, name });
  expect(String(executionArn).endsWith(`:${name}:${name}`)).toBe(true);
});

test.each(bad)('%j is no name', async (name) => {
  const states = aStatesPart();
  await expect(create(states, name)).rejects.toMatchObject({ code: 'InvalidName', message: `Invalid Name: '${name}'` });
  const { stateMachineArn } = await create(states, 'm');
  const started = states.call('StartExecution', { stateMachineArn, name });
  await expect(started).rejects.toMatchObject({ code: 'InvalidName' });
});
