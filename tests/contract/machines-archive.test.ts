import { expect, test } from 'vitest';
import { aMachinePlane, type TestMachines } from '../builders/a-deps-machine.ts';

const message = { id: 'm1', raw: '{}' };
const archived = { stfId: 's1', objectKey: 'k' };
const start = async (): Promise<[TestMachines, string]> => {
  const plane = await aMachinePlane('archive');
  return [plane, await plane.startOf('archive-stf', { message }, 'archive-1')];
};

test('an STF that is archived ends well', async () => {
  const [plane, arn] = await start();
  const call = await plane.called('archive-stf');
  expect(call.payload).toEqual({ message });
  call.succeed(archived);
  await plane.settle();
  expect(await plane.describe(arn)).toMatchObject({ status: 'SUCCEEDED' });
});

test('a file that is not there yet is tried again, as often as it takes', async () => {
  const [plane, arn] = await start();
  for (let time = 0; time < 30; time++) {
    (await plane.called('archive-stf')).fail('Transient', '[stf-file-missing] not yet');
    await plane.settle();
    await plane.clock.advance(10_000);
  }
  (await plane.called('archive-stf')).succeed(archived);
  await plane.settle();
  expect(await plane.describe(arn)).toMatchObject({ status: 'SUCCEEDED' });
});

test.each(['Invalid', 'Missing', 'Conflict', 'Bug'])(
  'a failure for good (%s) puts the message in quarantine',
  async (error) => {
    const [plane, arn] = await start();
    (await plane.called('archive-stf')).fail(error, '[stf-corrupt] a reason');
    const call = await plane.called('quarantine-message');
    expect(call.payload).toMatchObject({
      message,
      failure: { Error: error, Cause: expect.stringContaining('a reason') },
    });
    call.succeed({ code: 'stf-corrupt' });
    await plane.settle();
    expect(await plane.describe(arn)).toMatchObject({ status: 'FAILED', error: 'Invalid', cause: 'stf-corrupt' });
  },
);

test('an archiving that never answers is given up, and the message kept', async () => {
  const [plane] = await start();
  await plane.called('archive-stf');
  await plane.clock.advance(901_000);
  expect((await plane.called('quarantine-message')).payload).toMatchObject({ failure: { Error: 'States.Timeout' } });
});

test('the quarantine itself is tried again while the store is away', async () => {
  const [plane, arn] = await start();
  (await plane.called('archive-stf')).fail('Missing', '[stf-file-lost] gone');
  (await plane.called('quarantine-message')).fail('Transient', '[store-unavailable] away');
  await plane.settle();
  await plane.clock.advance(10_000);
  (await plane.called('quarantine-message')).succeed({ code: 'stf-file-lost' });
  await plane.settle();
  expect(await plane.describe(arn)).toMatchObject({ status: 'FAILED', cause: 'stf-file-lost' });
});
