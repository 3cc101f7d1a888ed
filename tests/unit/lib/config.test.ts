import { describe, expect, test } from 'vitest';
import { readConfig } from '#lib/config';

test('an empty environment is a laptop', () => {
  expect(readConfig({})).toMatchObject({
    PAPILIO_INSTANCE: 'dev-local',
    PAPILIO_WING: 'bnl',
    PAPILIO_EPOCH: 1,
    PAPILIO_TFS_PER_STF: 1000,
    PAPILIO_BX_PER_TF: 65_536,
    PAPILIO_PAYLOAD_FAULTS: {},
  });
});

test('numbers come as text and are numbers', () => {
  expect(readConfig({ PAPILIO_EPOCH: '7', PAPILIO_LOCAL_SLOTS: '3', PAPILIO_WORK_QUOTA_MB: '0.5' })).toMatchObject({
    PAPILIO_EPOCH: 7,
    PAPILIO_LOCAL_SLOTS: 3,
    PAPILIO_WORK_QUOTA_MB: 0.5,
  });
});

test('what is not papilio’s is left alone', () => {
  expect(readConfig({ HOME: '/home/anna', PAPILIO_FUTURE: 'x' })).not.toHaveProperty('HOME');
});

describe('a value that does not fit is named', () => {
  test.each([
    ['PAPILIO_INSTANCE', 'Prod'],
    ['PAPILIO_INSTANCE', 'dev-'],
    ['PAPILIO_INSTANCE', '../x'],
    ['PAPILIO_WING', 'cern'],
    ['PAPILIO_EPOCH', '0'],
    ['PAPILIO_EPOCH', 'one'],
    ['PAPILIO_LOG_LEVEL', 'loud'],
    ['PAPILIO_LOCAL_SLOTS', '1.5'],
    ['PAPILIO_TFS_PER_STF', '-1'],
    ['PAPILIO_FILE_WAIT_S', 'Infinity'],
    ['PAPILIO_PAYLOAD_FAULTS', '{"a":1}'],
    ['PAPILIO_PAYLOAD_FAULTS', '{not json'],
  ])('%s=%s', (name, value) => {
    expect(() => readConfig({ [name]: value })).toThrow(
      expect.objectContaining({ code: 'config-invalid', reason: expect.stringContaining(name) }),
    );
  });
});
