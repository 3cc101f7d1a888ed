import { expect, it } from 'vitest';
import { checkAudit } from '#lib/audit-check';
import { change, commit } from '#lib/change';
import { coverAudit } from '#lib/cover-audit';
import { audits, commands } from '#lib/records';
import type { CommandRecord } from '#schema/command';
import { aCommand } from '../../builders/a-command.ts';
import { aDeps, type TestDeps } from '../../builders/a-deps.ts';
import { dyingAt, everyDeath, Killed } from '../../builders/a-deps-crash.ts';
import { addActs, anAuditLine } from '../../builders/an-audited-folder.ts';

/** Three acts and three denied ones as papilio wrote them before events covered them. */
const anOldLog = async (): Promise<TestDeps> => {
  const deps = aDeps();
  for (const nth of [1, 2, 3]) {
    const command = aCommand('token.create', `test_token_${nth}`, {}, nth);
    const doc: CommandRecord = { ...command, state: 'done', endedAt: deps.now() };
    const { action, subject, by: who, why } = command;
    const fact = { type: 'command.done', cause: command.id, by: 'steer-tokens', data: { action, subject, who, why } };
    await commit(deps, [change(deps, command.id, commands.put(command.id, doc, 0), fact)]);
    const line = anAuditLine(nth);
    await audits.putMany(deps.store, [[line.id, line]]);
  }
  return deps;
};
const cover = (deps: TestDeps) => coverAudit({ deps, log: deps.eventLog, isStopped: () => false });
const verify = ({ store, eventLog: log }: TestDeps) =>
  checkAudit({ store, log, owner: { instance: 'test', wing: 'bnl', plane: 'work' } });

it('of an earlier version’s log a verification says what is not covered yet', async () => {
  const deps = await anOldLog();
  expect(await verify(deps)).toMatchObject({ faults: [], lines: 6, earlierActs: 3, uncovered: 3 });
});

it('an earlier version’s lines are covered once, from an event on that says so', async () => {
  const deps = await anOldLog();
  expect(await cover(deps)).toBe(6);
  await addActs(deps, 4, 1);
  expect(await cover(deps)).toBe(0);
  const report = await verify(deps);
  expect(report).toMatchObject({ faults: [], lines: 8, earlierActs: 0, uncovered: 0 });
  const covered = (await deps.events()).find(({ type }) => type === 'audit.covered');
  expect(covered).toMatchObject({ seq: report.coveredFrom, data: { acts: 3, lines: 3 } });
});

it.each(everyDeath(7))('each is covered through a kill $moment effect $step', async (death) => {
  const deps = await anOldLog();
  const { deps: mortal } = dyingAt(deps, death.step, death.moment);
  await coverAudit({ deps: mortal, log: deps.eventLog, isStopped: () => false }).catch((thrown: unknown) =>
    expect(thrown).toBeInstanceOf(Killed),
  );
  await cover(deps);
  const events = (await deps.events()).filter(({ type }) => type === 'audit.recorded');
  expect(events.map(({ subject }) => subject).toSorted()).toEqual([
    ...['test_audit_line-1', 'test_audit_line-2', 'test_audit_line-3'],
    ...['test_command_1', 'test_command_2', 'test_command_3'],
  ]);
  expect(await verify(deps)).toMatchObject({ faults: [], earlierActs: 0, uncovered: 0 });
});

it('lines that are added after it are not covered, whatever becomes of its record', async () => {
  const deps = await anOldLog();
  await cover(deps);
  await deps.store.transact({
    writes: [{ op: 'delete', pk: 'test_cover_audit', sk: 'audit-cover', ifVersion: 1 }],
    events: [],
  });
  const forged = anAuditLine(9);
  await audits.putMany(deps.store, [[forged.id, forged]]);
  expect(await cover(deps)).toBe(0);
  expect((await verify(deps)).faults).toMatchObject([{ kind: 'added', id: forged.id }]);
});
