import { describe, expect, it } from 'vitest';
import { audits, commandStarts, commands, tokens, tokenUses } from '#lib/records';
import type { AuditLine } from '#schema/audit';
import { recordAccess } from '../../../functions/access/record-access.fn.ts';
import { steerTokens } from '../../../functions/access/steer-tokens.fn.ts';
import { aCommand } from '../../builders/a-command.ts';
import { aDeps, eventTypes, type TestDeps } from '../../builders/a-deps.ts';
import { dyingAt, everyDeath, Killed } from '../../builders/a-deps-crash.ts';

const id = 'test_token_0123456789abcdef';
const grant = {
  name: 'a dashboard',
  owner: 'anna',
  roles: ['user'],
  facilities: [],
  hashSha256: '0'.repeat(64),
  days: 2,
};
const make = aCommand('token.create', id, { data: grant });
const end = aCommand('token.revoke', id, {}, 2);
const ended = async (deps: TestDeps, command: { id: string }) => (await commands.get(deps.store, command.id))?.doc;

describe('a token of a machine', () => {
  it('is made with the time that it holds, counted from when it was asked for', async () => {
    const deps = aDeps();
    await steerTokens.run(make, deps);
    expect((await tokens.get(deps.store, id))?.doc).toMatchObject({
      ...{ id, owner: 'anna', createdAt: make.at, expiresAt: '2026-01-03T00:00:00.000Z' },
    });
  });

  it('is no other’s for having its id: the second is refused', async () => {
    const deps = aDeps();
    await steerTokens.run(make, deps);
    const other = aCommand('token.create', id, { data: { ...grant, hashSha256: '1'.repeat(64) } }, 3);
    await steerTokens.run(other, deps);
    expect(await ended(deps, other)).toMatchObject({ state: 'refused', problem: { code: 'key-reused' } });
    expect((await tokens.get(deps.store, id))?.doc.hashSha256).toBe(grant.hashSha256);
  });

  it('that there is not cannot be ended', async () => {
    const deps = aDeps();
    await steerTokens.run(end, deps);
    expect(await ended(deps, end)).toMatchObject({ state: 'refused', problem: { code: 'record-missing' } });
  });

  it.each(everyDeath(4))(
    'is made once and ended once through a kill $moment effect $step, and the log tells before and after',
    async (death) => {
      const deps = aDeps();
      for (const command of [make, end]) {
        const { deps: mortal } = dyingAt(deps, death.step, death.moment);
        await steerTokens.run(command, mortal).catch((thrown: unknown) => expect(thrown).toBeInstanceOf(Killed));
        await steerTokens.run(command, deps);
      }
      expect(await eventTypes(deps)).toEqual(['token.created', 'command.done', 'token.revoked', 'command.done']);
      expect(await ended(deps, make)).toMatchObject({ before: {}, after: { 'token.name': 'a dashboard' } });
      expect(await ended(deps, end)).toMatchObject({ before: {}, after: { 'token.revokedBy': 'anna' } });
      for (const { id: one } of [make, end]) expect(await commandStarts.get(deps.store, one)).toBeUndefined();
    },
  );
});

describe('when a token was last used', () => {
  const use = (lastUsedAt: string) => ({ kind: 'uses' as const, uses: [{ id, lastUsedAt }] });

  it('is the latest that any front has told, in whatever order they tell', async () => {
    const deps = aDeps();
    for (const hour of ['10', '12', '11']) await recordAccess.run(use(`2026-01-01T${hour}:00:00.000Z`), deps);
    expect((await tokenUses.get(deps.store, id))?.doc.lastUsedAt).toBe('2026-01-01T12:00:00.000Z');
  });

  it('changes neither the token nor the log of events', async () => {
    const deps = aDeps();
    await steerTokens.run(make, deps);
    const before = await tokens.get(deps.store, id);
    await recordAccess.run(use('2026-01-01T10:00:00.000Z'), deps);
    expect(await tokens.get(deps.store, id)).toEqual(before);
    expect(await eventTypes(deps)).toEqual(['token.created', 'command.done']);
  });
});

describe('a line of the audit log', () => {
  const line: AuditLine = {
    ...{
      id: 'test_audit_1',
      at: '2026-01-01T00:00:00.000Z',
      by: 'anna',
      action: 'execution.stop',
      subject: 'run-job:x',
    },
    ...{ outcome: 'begun', count: 1, plane: 'front' },
  };
  const lines = (...outcomes: AuditLine['outcome'][]) => ({
    kind: 'audit' as const,
    lines: outcomes.map((outcome) => ({ ...line, outcome })),
  });

  it.each<[string, AuditLine['outcome'][][], AuditLine['outcome']]>([
    ['as it was begun', [['begun']], 'begun'],
    ['as it ended', [['begun'], ['done']], 'done'],
    ['as it ended, if that comes first', [['refused'], ['begun']], 'refused'],
    ['as it ended, if both come together', [['done', 'begun']], 'done'],
  ])('tells an act on an engine %s', async (_, letters, outcome) => {
    const deps = aDeps();
    for (const letter of letters) await recordAccess.run(lines(...letter), deps);
    expect((await audits.get(deps.store, line.id))?.doc.outcome).toBe(outcome);
  });
});
