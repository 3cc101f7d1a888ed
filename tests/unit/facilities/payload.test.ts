import { expect, test } from 'vitest';
import { readConfig } from '#lib/config';
import { tasks } from '#lib/model/task';
import { payloadOf } from '../../../functions/facilities/payload.ts';

const config = readConfig({ PAPILIO_PAYLOAD_NODE: '/n/node', PAPILIO_PAYLOAD_FOLDER: '/p' });
const input = { name: 'swf.1.000001.stf', paths: ['/a/swf.1.000001.stf'] };

test.each(Object.entries(tasks))(
  'the payload of %s is its program with its inputs and its output',
  (task, template) => {
    expect(payloadOf(task, [input], config)).toEqual({
      name: task,
      command: ['/n/node', `/p/${template.program}`],
      environment: { NODE_COMPILE_CACHE: '../../.compile-cache' },
      inputs: [input],
      output: template.output,
      ...(template.reads === 'run' ? { inputList: 'inputs.jsonl' } : {}),
    });
  },
);

test('the payload that warms up needs no input', () => {
  expect(payloadOf('warm-up', [], config)).toMatchObject({ inputs: [], command: ['/n/node', '/p/warm.ts'] });
});

test('a task that nobody knows has no payload', () => {
  expect(payloadOf('rm -rf', [input], config)).toBeUndefined();
  expect(payloadOf('constructor', [input], config)).toBeUndefined();
  expect(payloadOf('__proto__', [input], config)).toBeUndefined();
});

test('a fault is given to the payload of the STF that it names, and to no other', () => {
  const faults = { PAPILIO_PAYLOAD_FAULTS: '{"swf.1.000001.stf":"hang"}', PAPILIO_PAYLOAD_TALLY: '/t' };
  const settings = readConfig(faults);
  const other = { ...input, name: 'swf.1.000002.stf' };
  expect(payloadOf('stf-hits', [input], settings)?.environment).toMatchObject({
    PAPILIO_PAYLOAD_BEHAVE: 'hang',
    PAPILIO_PAYLOAD_TALLY: '/t',
  });
  expect(payloadOf('stf-hits', [other], settings)?.environment).not.toHaveProperty('PAPILIO_PAYLOAD_BEHAVE');
});
