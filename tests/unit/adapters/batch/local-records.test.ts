import { describe, expect, test } from 'vitest';
import { cpuOf, type EndFacts, endOf } from '../../../../functions/adapters/batch/local-records.ts';
import { AttemptEnd } from '../../../../functions/lib/schema/job.ts';

const facts = (more: Partial<EndFacts>): EndFacts => ({
  exit: { status: 0, signalled: false },
  kill: undefined,
  command: ['hits'],
  startedMs: Date.UTC(2026, 0, 1),
  endedMs: Date.UTC(2026, 0, 1, 0, 0, 1),
  usage: '',
  memoryPeakMb: undefined,
  ...more,
});

const kill = { outcome: 'memory', reason: 'memory of 9 MB is over the limit of 8 MB' } as const;

describe('how an attempt ended', () => {
  test.each<[string, Partial<EndFacts>, Partial<AttemptEnd>]>([
    ['status 0', {}, { outcome: 'succeeded', exitCode: 0 }],
    ['status 3', { exit: { status: 3, signalled: false } }, { outcome: 'failed', exitCode: 3 }],
    ['exit(137)', { exit: { status: 137, signalled: false } }, { outcome: 'failed', exitCode: 137 }],
    ['SIGKILL', { exit: { status: 137, signalled: true } }, { outcome: 'killed', signal: 'SIGKILL' }],
    ['SIGINT, of which shells are silent', { exit: { status: 130 } }, { outcome: 'killed', signal: 'SIGINT' }],
    ['SIGPIPE, of which shells are silent', { exit: { status: 141 } }, { outcome: 'killed', signal: 'SIGPIPE' }],
    ['a signal without a name', { exit: { status: 190, signalled: true } }, { outcome: 'killed', signal: 'SIG62' }],
    ['a file over the limit', { exit: { status: 153, signalled: true } }, { outcome: 'disk', signal: 'SIGXFSZ' }],
    ['ended by papilio', { exit: { status: 137, signalled: true }, kill }, { ...kill, signal: 'SIGKILL' }],
    ['ended by papilio, well', { exit: { status: 0 }, kill }, { ...kill, exitCode: 0 }],
    ['ended by papilio before it began', { exit: {}, kill }, kill],
    ['nobody knows', { exit: { reason: 'vanished' } }, { outcome: 'lost', reason: 'vanished' }],
    ['nobody knows why', { exit: {} }, { outcome: 'lost' }],
    ['a torn record', { exit: undefined }, { outcome: 'lost', reason: 'the exit record cannot be read' }],
  ])('%s', (_, found, expected) => {
    const end = endOf(facts(found));
    expect(end).toMatchObject(expected);
    expect(end.exitCode === undefined || end.signal === undefined).toBe(true);
    expect(AttemptEnd.safeParse(end).success).toBe(true);
  });

  test('a command that was not found is named', () => {
    const { reason } = endOf(facts({ exit: { status: 127 } }));
    expect(reason).toBe('the payload ended with exit code 127, as when its command "hits" was not found');
  });
});

describe('CPU times, as a shell writes them', () => {
  test.each([
    ['0m0.001s 0m0.002s\n1m2.250000s 0m0.040000s\n', { cpuUserS: 62.25, cpuSystemS: 0.04 }],
    ['0m0.000s 0m0.000s\n0m0,120s 0m0,000s\n', { cpuUserS: 0.12, cpuSystemS: 0 }],
    ['0m0.000s 0m0.000s\n', {}],
    ['', {}],
    ['no\nsuch thing\n', {}],
  ])('%j', (usage, expected) => {
    expect(cpuOf(usage)).toEqual(expected);
  });
});
