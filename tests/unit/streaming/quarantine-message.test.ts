import { expect, test } from 'vitest';
import { PapilioError } from '#lib/errors';
import { quarantines } from '#lib/records';
import { quarantineMessage } from '../../../functions/streaming/quarantine-message.fn.ts';
import { aDeps, eventTypes } from '../../builders/a-deps.ts';
import { anStfMessage } from '../../builders/a-message.ts';

const causeOf = (error: Error) => JSON.stringify({ errorType: error.name, errorMessage: error.message, trace: [] });

test('a message whose archiving failed is kept with the reason that the state machine caught', async () => {
  const deps = aDeps({ plane: 'archive' });
  const message = anStfMessage(1);
  const failure = { Error: 'Invalid', Cause: causeOf(new PapilioError('stf-corrupt', 'expected "a", found "b"')) };
  for (const _ of ['first', 'again'])
    expect(await quarantineMessage.run({ message, failure }, deps)).toEqual({ code: 'stf-corrupt' });
  const { items } = await quarantines.list(deps.store, 'i1', 'quarantine');
  expect(items.map(({ doc }) => doc)).toMatchObject([
    { messageId: message.id, raw: message.raw, state: 'held', problem: { code: 'stf-corrupt' } },
  ]);
  expect(items[0]?.doc.problem.reason).toContain('expected "a", found "b"');
  expect(await eventTypes(deps)).toEqual(['message.quarantined']);
  expect((await deps.events())[0]?.data).toMatchObject({ run: 102_363, stfId: 'test_stf_00102363-00000001' });
});

test('a timeout, which has no cause, is kept under its error', async () => {
  const deps = aDeps({ plane: 'archive' });
  const input = quarantineMessage.input.parse({ message: anStfMessage(1), failure: { Error: 'States.Timeout' } });
  expect(await quarantineMessage.run(input, deps)).toEqual({ code: 'bug' });
  const { items } = await quarantines.list(deps.store, 'i1', 'quarantine');
  expect(items[0]?.doc.problem.reason).toBe('States.Timeout');
});
