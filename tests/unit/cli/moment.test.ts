import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../clients/cli/failure.ts';
import { momentOf } from '../../../clients/cli/moment.ts';

const nowMs = Date.parse('2026-11-26T12:00:00Z');

describe('a moment on the command line', () => {
  it.each([
    ['2026-11-25T08:00:00Z', '2026-11-25T08:00:00.000Z'],
    ['2026-11-25T08:00:00+02:00', '2026-11-25T06:00:00.000Z'],
    ['90s', '2026-11-26T11:58:30.000Z'],
    ['15m', '2026-11-26T11:45:00.000Z'],
    ['6h', '2026-11-26T06:00:00.000Z'],
    ['2d', '2026-11-24T12:00:00.000Z'],
  ])('%s is %s', (text, at) => {
    expect(momentOf('--since', text, 'ago', nowMs)).toBe(at);
  });

  it('is ahead where something is to end: a drain for 6h ends in six hours', () => {
    expect(momentOf('--until', '6h', 'ahead', nowMs)).toBe('2026-11-26T18:00:00.000Z');
  });

  it.each(['', 'yesterday', '2026-11-25T08:00:00', '6', '-6h', '1e3s', '2026-13-45T00:00:00Z'])('is not %j', (text) => {
    expect(() => momentOf('--since', text, 'ago', nowMs)).toThrow(UsageError);
  });
});
