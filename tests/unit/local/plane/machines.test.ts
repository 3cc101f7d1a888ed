import { expect, test } from 'vitest';
import { catalog, machines } from '../../../../functions/catalog.ts';
import { type Names, resolveNames } from '../../../../local/plane/machines.ts';
import { addressable, queuesOf } from '../../../../local/plane/queues.ts';

const names: Names = {
  plane: 'work',
  region: 'us-east-1',
  catalog,
  machines,
  queues: addressable('work', catalog, queuesOf('work', catalog, ['local'])),
  queueUrl: (queue) => `http://queues/${queue}`,
  machineArn: (machine) => `arn:machine:${machine}`,
};

/** A placeholder as a definition writes it. */
const of = (inside: string): string => ['$', '{', inside, '}'].join('');

test('placeholders become the addresses of this plane', () => {
  const text = [
    of('function:catalogue-stf'),
    of('queue:broker'),
    `${of('queue:facility')}-local`,
    of('machine:run-job'),
  ];
  expect(resolveNames('m', text.join(' '), names).split(' ')).toEqual([
    'arn:aws:lambda:us-east-1:000000000002:function:catalogue-stf',
    'http://queues/broker',
    'http://queues/facility-local',
    'arn:machine:run-job',
  ]);
});

test.each([
  ['function:no-such', 'is no function of the work plane'],
  ['function:archive-stf', 'is no function of the work plane'],
  ['queue:no-such', 'is no queue of the catalogue'],
  ['machine:archive-stf', 'is no state machine of the work plane'],
  ['bucket:x', 'is not function:, queue: or machine:'],
  ['constructor:x', 'is not function:, queue: or machine:'],
])('%s stops the start with its reason', (inside, reason) => {
  const resolve = () => resolveNames('process-stf', of(inside), names);
  expect(resolve).toThrow(`process-stf.asl.json: ${of(inside)} ${reason}`);
});
