import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Role } from '#schema/access';
import { machineOf } from '../../builders/a-states-part.ts';
import { type ApiWithPeople, anApiWithPeople, aPerson } from '../../builders/an-api-with-people.ts';

const functionArn = 'arn:aws:states:::lambda:invoke.waitForTaskToken';
/** Asks with its token under three names, in a text, in JSON within JSON, and gives it to a state behind. */
const asking = machineOf({
  Ask: {
    Type: 'Task',
    Resource: functionArn,
    Parameters: {
      FunctionName: 'ask',
      Payload: {
        'token.$': '$$.Task.Token',
        'odd.$': '$$.Task.Token',
        'said.$': "States.Format('answer\n{}, please', $$.Task.Token)",
        'within.$':
          'States.JsonToString(States.JsonMerge($, States.StringToJson(States.Format(\'\\{"a":"{}"\\}\', $$.Task.Token)), false))',
        run: 7,
        checksum: 'a'.repeat(64),
      },
    },
    End: true,
  },
});

let api: ApiWithPeople;
beforeEach(async () => {
  api = await anApiWithPeople();
});
afterEach(() => api[Symbol.asyncDispose]());

const readBy = async (roles: readonly Role[], path: string) => {
  const token = api.know(aPerson({ id: `${roles.join('-')}@issuer.example`, roles: [...roles] }));
  const answer = await api.ask(token, { url: path });
  expect(answer.statusCode).toBe(200);
  return answer.body;
};

it('of a history viewers see everything but task tokens, which they must not answer', async () => {
  const machine = await api.engines.work.create(asking, 'process-stf');
  await api.engines.work.start(machine, { name: 'x' }, 'w');
  const whole = await readBy(['operator'], '/v1/executions/w/history');
  const [, token = ''] = /\\"token\\":\\"([\w-]{60,})\\"/.exec(whole) ?? [];
  expect(token).not.toBe('');
  expect(whole.split(token).length - 1).toBeGreaterThanOrEqual(4);
  for (const roles of [['viewer'], ['user'], ['expert']] as const) {
    const seen = await readBy(roles, '/v1/executions/w/history');
    expect(seen).not.toContain(token);
    expect(seen).toContain('a'.repeat(64));
    expect(seen).toBe(whole.replaceAll(token, '********'));
  }
});

it('of an execution that was given a token likewise', async () => {
  const hold = machineOf({ Hold: { Type: 'Wait', Seconds: 10, End: true } });
  const machine = await api.engines.work.create(hold, 'run-job');
  // As LocalStack makes them: known by the name only.
  const token = '6a1c1f9b-3c3e-4e0e-9f54-0b0a5f8f9c1d';
  await api.engines.work.start(machine, { asked: { taskToken: token }, text: `{"token": "${token}"}` }, 'w');
  expect(JSON.parse(await readBy(['operator'], '/v1/executions/w')).input.asked.taskToken).toBe(token);
  expect(JSON.parse(await readBy(['viewer'], '/v1/executions/w')).input).toEqual({
    asked: { taskToken: '********' },
    text: '{"token": "********"}',
  });
  expect(await readBy(['viewer'], '/v1/executions/w/history')).not.toContain(token);
});
