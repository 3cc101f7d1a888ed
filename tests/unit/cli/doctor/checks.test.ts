import { describe, expect, it, test } from 'vitest';
import type { Me } from '#schema/me';
import type { PlaneView, Version } from '#schema/status';
import { clockCheck } from '../../../../clients/cli/doctor/clock-check.ts';
import { planeCheck } from '../../../../clients/cli/doctor/plane-checks.ts';
import { checkLines, inOrder, verdictOf } from '../../../../clients/cli/doctor/render-checks.ts';
import { tokenCheck } from '../../../../clients/cli/doctor/token-check.ts';
import { ownVersionCheck, versionChecks } from '../../../../clients/cli/doctor/version-checks.ts';
import { ownVersion } from '../../../../clients/cli/own-version.ts';

const nowMs = Date.UTC(2026, 10, 26, 4);
const day = 86_400_000;

describe('the clock', () => {
  const skewed = (offMs: number, tookMs = 100) =>
    clockCheck(new Date(nowMs + offMs).toUTCString(), nowMs, tookMs).level;

  it.each([
    [0, 'ok'],
    [1_000, 'ok'],
    [-2_000, 'ok'],
    [5_000, 'warning'],
    [-29_000, 'warning'],
    [40_000, 'problem'],
    [-90_000_000, 'problem'],
  ])('%i ms apart is %s', (offMs, level) => {
    expect(skewed(offMs)).toBe(level);
  });

  it('may be off by half of the time that the answer took', () => {
    expect([skewed(6_000), skewed(6_000, 10_000)]).toEqual(['warning', 'ok']);
  });

  it.each([null, 'yesterday'])('cannot be seen by the date %s', (date) => {
    expect(clockCheck(date, nowMs, 10).level).toBe('unseen');
  });
});

describe('a token', () => {
  const me = (changes: Partial<Me>): Me => ({
    ...{ id: 'alice', kind: 'machine', from: 'a token that papilio has made', may: [] },
    ...{ roles: ['operator'], facilities: [], groups: [], scopes: [] },
    ...changes,
  });
  const inMs = (ms: number) => ({ expiresAt: new Date(nowMs + ms).toISOString() });

  it.each<[string, Partial<Me>, string]>([
    ['of the administrator', { kind: 'local-admin', roles: ['admin'] }, 'ok'],
    ['that lasts for a week', inMs(7 * day), 'ok'],
    ['that ends tomorrow', inMs(day), 'warning'],
    ['of an issuer that lasts an hour', { kind: 'oidc', ...inMs(day / 24) }, 'ok'],
    ['of an issuer that ends in a minute', { kind: 'oidc', ...inMs(60_000) }, 'warning'],
    ['that has ended', inMs(-1), 'problem'],
    ['without a role', { roles: [] }, 'problem'],
    ['that is not there, where anybody may read', { kind: 'anonymous', roles: ['viewer'] }, 'ok'],
    ['that is not there, where nobody may', { kind: 'anonymous', roles: [] }, 'problem'],
  ])('%s', (_what, changes, level) => {
    const { todo, ...found } = tokenCheck(me(changes), nowMs);
    expect(found).toMatchObject({ check: 'token', level });
    expect(todo === undefined).toBe(level === 'ok');
  });
});

describe('versions', () => {
  const version = (build: string): Version => ({
    ...{ name: 'papilio', build, instance: 'prod', wing: 'bnl', epoch: 1, api: 'v1' },
  });
  const plane = (changes: Partial<PlaneView>): PlaneView => ({ name: 'work', isAlive: true, ...changes });
  const same = `papilio-${ownVersion}+1a2b3c4d5e6f`;

  it.each([
    [same, 'ok'],
    ['papilio-0.0.9', 'problem'],
    ['papilio-99.0.0+1a2b3c4d5e6f', 'warning'],
  ])('a front of %s is %s', (build, level) => {
    expect(versionChecks(version(build)).map((check) => check.level)).toEqual([level]);
  });

  it('half a house that was left by an update is named', () => {
    const planes = [
      plane({ name: 'archive', build: same, node: 'v24.0.0' }),
      plane({ build: `papilio-${ownVersion}+000000000000` }),
    ];
    expect(versionChecks(version(same), planes)).toMatchObject([
      { of: 'front', level: 'ok' },
      { of: 'archive plane', level: 'ok', what: expect.stringContaining('Node v24.0.0') },
      { of: 'work plane', level: 'problem', what: expect.stringContaining(`but the front is ${same}`) },
    ]);
    expect(versionChecks(version(same), [plane({})])).toMatchObject([{}, { level: 'problem' }]);
    expect(versionChecks(version(same), [plane({ isAlive: false })])).toHaveLength(1);
  });

  it('a Node that is too old for the command line is named', () => {
    expect(ownVersionCheck().level).toBe('ok');
    expect(ownVersionCheck('18.20.1')).toMatchObject({ level: 'problem', todo: 'Install Node 20 or newer.' });
  });
});

test.each<[string, Partial<PlaneView>, string]>([
  ['answers', {}, 'ok'],
  ['is gone', { isAlive: false, lastNewsAt: '2026-11-26T04:00:00.000Z' }, 'problem'],
  [
    'is there without its services',
    { servicesAway: [{ what: 'records', reason: 'http://127.0.0.1:4566: gone' }] },
    'problem',
  ],
  ['has no space', { paused: 'it holds 2 MB of its quota of 1 MB' }, 'problem'],
  ['has parked a call', { parked: 1 }, 'problem'],
  ['has dead letters', { deadLetters: 2 }, 'warning'],
])('a plane that %s', (_what, changes, level) => {
  const found = planeCheck({ name: 'work', isAlive: true, ...changes });
  expect(found).toMatchObject({ check: 'planes', of: 'work', level });
  expect(found.todo === undefined).toBe(level === 'ok');
});

test('each thing has a line, what to try stands below it, and nothing of a stranger moves the cursor', () => {
  const checks = inOrder([
    { check: 'disk', of: 'work', level: 'problem', what: 'full\u001b[2J', todo: 'Make space.' },
    { check: 'reach', level: 'ok', what: 'answers' },
  ]);
  expect(checkLines(checks)).toEqual([
    '✓ ok       reach      answers',
    '✗ problem  disk work  full\ufffd[2J',
    '    try: Make space.',
  ]);
  expect(verdictOf(checks)).toBe('1 problem');
});

test('the verdict counts what is wrong, and says when not all was seen', () => {
  const check = (level: 'ok' | 'warning' | 'problem' | 'unseen') => ({ check: 'disk', level, what: '' }) as const;
  expect(verdictOf([check('ok')])).toBe('all is well');
  expect(verdictOf([check('ok'), check('unseen')])).toBe('all that can be seen from here is well');
  expect(verdictOf([check('problem'), check('problem'), check('warning')])).toBe('2 problems, 1 warning');
});
