import { expect, test } from 'vitest';
import { quarantines } from '#lib/records';
import { holdStf } from '../../../functions/streaming/hold-stf.fn.ts';
import { aDeps, eventTypes } from '../../builders/a-deps.ts';
import { anStfMessage } from '../../builders/a-message.ts';

test('an STF that cannot be catalogued is held once, with what the state machine caught', async () => {
  const deps = aDeps();
  const input = holdStf.input.parse({
    message: anStfMessage(1),
    failure: { Error: 'Bug', Cause: '[bug] Something: TF 7 is out of range' },
  });
  for (const _ of ['first', 'again'])
    expect(await holdStf.run(input, deps)).toEqual({ code: 'bug', reason: 'Something: TF 7 is out of range' });
  expect(await eventTypes(deps)).toEqual(['message.quarantined']);
  const { items } = await quarantines.list(deps.store, 'i1', 'quarantine');
  expect(items[0]?.doc).toMatchObject({ messageId: anStfMessage(1).id, state: 'held' });
  expect(JSON.parse(items[0]?.doc.raw ?? '')).toMatchObject({ name: 'swf.102363.000001.stf' });
});
