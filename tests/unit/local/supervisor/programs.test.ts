import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { environmentOf } from '../../../../local/supervisor/programs.ts';

const deed = { format: 1, instance: 'test', wing: 'jlab', epoch: 3, createdAt: '2026-01-01T00:00:00.000Z' } as const;

test('a process gets papilio’s variables, whose house it is, and nothing else of the user’s environment', () => {
  const environment = {
    PATH: '/bin',
    SECRET: 'x',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
    PAPILIO_RUN_CLOSE_S: '5',
    PAPILIO_INSTANCE: 'prod',
    PAPILIO_LOG_LEVEL: undefined,
  };
  expect(environmentOf(environment, deed)).toEqual({
    PATH: '/bin',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
    PAPILIO_RUN_CLOSE_S: '5',
    PAPILIO_INSTANCE: 'test',
    PAPILIO_WING: 'jlab',
    PAPILIO_EPOCH: '3',
    PAPILIO_PAYLOAD_FOLDER: resolve('local/sim/payload'),
  });
});

test('paths are made absolute, because the processes work in the data folder', () => {
  const found = environmentOf({ PAPILIO_PAYLOAD_TALLY: 'tally.txt' }, deed);
  expect(found.PAPILIO_PAYLOAD_TALLY).toBe(resolve('tally.txt'));
});
