import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contentHash } from '#lib/model/content-hash';
import { commands, messages, quarantines } from '#lib/records';
import type { DaqMessage } from '#schema/daq-message';
import { settleDaqMessage } from '../../../functions/daq/settle-daq-message.fn.ts';
import { quarantineMessage } from '../../../functions/lib/quarantine.ts';
import { acceptMessage } from '../../../functions/streaming/accept-message.fn.ts';
import { archiveStf } from '../../../functions/streaming/archive-stf.fn.ts';
import { settleMessage } from '../../../functions/streaming/settle-message.fn.ts';
import { aCommand } from '../../builders/a-command.ts';
import { aDeps, eventTypes, type TestDeps } from '../../builders/a-deps.ts';
import { dyingAt, everyDeath, Killed } from '../../builders/a-deps-crash.ts';
import { anItem } from '../../builders/a-job.ts';
import { aMessageOf, anStfMessage } from '../../builders/a-message.ts';

const good = anStfMessage(1).raw;
const bad = aMessageOf(good.replace('swf.102363', 'swf.'));
const idOf = (message: DaqMessage) => message.id.replace('_message_', '_quarantine_');
const heldOf = async (deps: TestDeps, message: DaqMessage) => (await quarantines.need(deps.store, idOf(message))).doc;
const endOf = async (deps: TestDeps, nth = 1) => (await commands.get(deps.store, `test_command_${nth}`))?.doc;

/** The archive plane with a message that it holds as it came. */
const holding = async (message: DaqMessage): Promise<TestDeps> => {
  const deps = aDeps({ plane: 'archive' });
  await acceptMessage.runBatch([anItem(message)], deps);
  return deps;
};
/** The archive plane with an STF whose file did not come. */
const holdingStf = async (): Promise<TestDeps> => {
  const deps = aDeps({ plane: 'archive' });
  await quarantineMessage(anStfMessage(1), { code: 'stf-file-lost', reason: 'gone' }, 'quarantine-message', deps);
  return deps;
};
const mend = (body: string, nth = 1) => aCommand('quarantine.mend', idOf(bad), { data: { body } }, nth);
const replay = (message: DaqMessage, nth = 1) => aCommand('quarantine.replay', idOf(message), {}, nth);
const discard = (message: DaqMessage, nth = 1) => aCommand('quarantine.discard', idOf(message), {}, nth);
/** What was sent, by queue. */
const sentTo = ({ queues }: TestDeps, queue: string) => queues.sent.filter((one) => one.queue === queue);

describe('mending', () => {
  test('sends the new body to both planes as a message of its own, and keeps the old one as it came', async () => {
    const deps = await holding(bad);
    await settleMessage.run(mend(good), deps);
    const mendedId = anStfMessage(1).id;
    for (const queue of ['archive-inbox', 'work-inbox'])
      expect(sentTo(deps, queue)).toMatchObject([{ body: { id: mendedId, raw: good, mendOf: bad.id } }]);
    const { id: commandId, by, why, at } = mend(good);
    expect(await heldOf(deps, bad)).toMatchObject({
      state: 'mended',
      raw: bad.raw,
      acts: [{ commandId, act: 'mend', by, why, at, mendedId }],
    });
    expect(await endOf(deps)).toMatchObject({ state: 'done', data: { body: good } });
    expect((await deps.events()).slice(-2).map(({ type, cause }) => [type, cause])).toEqual([
      ['message.mended', commandId],
      ['command.done', commandId],
    ]);
  });

  test('gives a message that the planes take as one of the DAQ’s, and the ledger knows whose place it took', async () => {
    const deps = await holding(bad);
    await settleMessage.run(mend(good), deps);
    const [sent] = sentTo(deps, 'archive-inbox');
    await acceptMessage.runBatch([anItem(acceptMessage.input.parse(sent?.body))], deps);
    expect((await messages.need(deps.store, anStfMessage(1).id)).doc).toMatchObject({ mendOf: bad.id });
    expect(deps.machines.started).toMatchObject([{ machine: 'archive-stf' }]);
  });

  test.each([
    ['a body that cannot be read either', '{"msg_type":"coffee_ready"}', 'message-type-unknown'],
    ['no JSON', 'no', 'message-unreadable'],
    ['a body of the same content', ` ${bad.raw}`, 'input-invalid'],
    ['an empty body', '', 'input-invalid'],
    ['a body that fits no queue', 'x'.repeat(100_001), 'input-invalid'],
  ])('with %s is refused, and the message is held as before', async (_, body, code) => {
    const deps = await holding(bad);
    await settleMessage.run(mend(body), deps);
    expect(await endOf(deps)).toMatchObject({ state: 'refused', problem: { code } });
    expect(await heldOf(deps, bad)).toMatchObject({ state: 'held' });
    expect(deps.queues.sent).toEqual([]);
  });

  test('is done once: another one is refused', async () => {
    const deps = await holding(bad);
    await settleMessage.run(mend(good), deps);
    await settleMessage.run(mend(anStfMessage(2).raw, 2), deps);
    expect(await endOf(deps, 2)).toMatchObject({ state: 'refused', problem: { code: 'quarantine-settled' } });
    expect(sentTo(deps, 'archive-inbox')).toHaveLength(1);
  });

  test('of a version that is outdated is refused', async () => {
    const deps = await holding(bad);
    await settleMessage.run({ ...mend(good), ifVersion: 2 }, deps);
    expect(await endOf(deps)).toMatchObject({ problem: { code: 'version-outdated' } });
    await settleMessage.run({ ...mend(good, 2), ifVersion: 1 }, deps);
    expect(await endOf(deps, 2)).toMatchObject({ state: 'done' });
  });
});

describe('replaying', () => {
  test('of what still cannot be read is refused with what is wrong', async () => {
    const deps = await holding(bad);
    await settleMessage.run(replay(bad), deps);
    expect(await endOf(deps)).toMatchObject({ state: 'refused', problem: { code: 'stf-name-invalid' } });
    expect(deps.queues.sent).toEqual([]);
  });

  test('of what papilio has learned to read lets it go and sends it, under its own id', async () => {
    const { fact: _, ...unread } = anStfMessage(1);
    const deps = await holding({ ...unread, problem: { code: 'message-type-unknown', reason: 'an older papilio' } });
    await settleMessage.run(replay(anStfMessage(1)), deps);
    expect(await heldOf(deps, anStfMessage(1))).toMatchObject({ state: 'released', acts: [{ act: 'replay' }] });
    expect(sentTo(deps, 'archive-inbox')).toMatchObject([{ body: { id: anStfMessage(1).id, fact: { sequence: 1 } } }]);
  });

  test('of an STF leaves it held until its file is archived, and another failure holds it again, with its time', async () => {
    const deps = await holdingStf();
    await settleMessage.run(replay(anStfMessage(1)), deps);
    expect(await heldOf(deps, anStfMessage(1))).toMatchObject({ state: 'held', acts: [{ act: 'replay' }] });
    await deps.clock.advance(1_000);
    for (const _ of ['the failure', 'its repeat after a kill'])
      await quarantineMessage(anStfMessage(1), { code: 'stf-file-lost', reason: 'gone' }, 'quarantine-message', deps);
    const types = ['message.quarantined', 'message.replayed', 'command.done', 'message.quarantined'];
    expect(await eventTypes(deps)).toEqual(types);
    expect(await heldOf(deps, anStfMessage(1))).toMatchObject({ quarantinedAt: deps.now(), acts: [{ act: 'replay' }] });
    expect(archiveStf.input.parse({ message: sentTo(deps, 'archive-inbox')[0]?.body }).message.fact.sequence).toBe(1);
  });

  test('of an STF that fails in another way says so', async () => {
    const deps = await holdingStf();
    await settleMessage.run(replay(anStfMessage(1)), deps);
    await quarantineMessage(anStfMessage(1), { code: 'stf-corrupt', reason: 'TF 3' }, 'quarantine-message', deps);
    const held = await heldOf(deps, anStfMessage(1));
    expect(held).toMatchObject({ state: 'held', problem: { code: 'stf-corrupt' }, acts: [{ act: 'replay' }] });
  });

  test('of an STF that the work plane holds, of which it has no bytes, sends what they said', async () => {
    const deps = aDeps();
    const { fact } = anStfMessage(1);
    const message = { ...anStfMessage(1), raw: JSON.stringify(fact) };
    await quarantineMessage(message, { code: 'stf-file-lost', reason: 'gone' }, 'hold-stf', deps);
    await settleDaqMessage.run(replay(message), deps);
    expect(sentTo(deps, 'work-inbox')).toMatchObject([{ body: { id: message.id, fact } }]);
  });

  test('of what was discarded takes it up again', async () => {
    const deps = await holdingStf();
    await settleMessage.run(discard(anStfMessage(1)), deps);
    await settleMessage.run(replay(anStfMessage(1), 2), deps);
    const { state, acts } = await heldOf(deps, anStfMessage(1));
    expect(state).toBe('held');
    expect(acts?.map(({ act }) => act)).toEqual(['discard', 'replay']);
  });
});

describe('discarding', () => {
  test('sends nothing; the message stays readable with the reason', async () => {
    const deps = await holding(bad);
    await settleMessage.run(discard(bad), deps);
    expect(await heldOf(deps, bad)).toMatchObject({ state: 'discarded', raw: bad.raw, acts: [{ act: 'discard' }] });
    expect(deps.queues.sent).toEqual([]);
  });

  test('is not undone by the same bytes coming again', async () => {
    const deps = await holding(bad);
    await settleMessage.run(discard(bad), deps);
    await acceptMessage.runBatch([anItem(bad, 'again')], deps);
    expect(await heldOf(deps, bad)).toMatchObject({ state: 'discarded' });
  });

  test('is undone by an STF that fails again after the DAQ sent it again, and what was done is kept', async () => {
    const deps = await holdingStf();
    await settleMessage.run(discard(anStfMessage(1)), deps);
    await quarantineMessage(anStfMessage(1), { code: 'stf-corrupt', reason: 'TF 3' }, 'quarantine-message', deps);
    const held = await heldOf(deps, anStfMessage(1));
    expect(held).toMatchObject({ state: 'held', problem: { code: 'stf-corrupt' }, acts: [{ act: 'discard' }] });
  });

  test('is not undone by the same failure of the same STF', async () => {
    const deps = await holdingStf();
    await settleMessage.run(discard(anStfMessage(1)), deps);
    await quarantineMessage(anStfMessage(1), { code: 'stf-file-lost', reason: 'gone' }, 'quarantine-message', deps);
    expect(await heldOf(deps, anStfMessage(1))).toMatchObject({ state: 'discarded' });
  });

  test('of what nobody holds is refused', async () => {
    const deps = aDeps({ plane: 'archive' });
    await settleMessage.run(discard(bad), deps);
    expect(await endOf(deps)).toMatchObject({ problem: { code: 'record-missing' } });
  });
});

describe('a plane that dies on the way', () => {
  test.each(everyDeath(4))('$moment effect $step has mended once, and the message is in both queues', async (death) => {
    const deps = await holding(bad);
    await expect(settleMessage.run(mend(good), dyingAt(deps, death.step, death.moment).deps)).rejects.toThrow(Killed);
    await settleMessage.run(mend(good), deps);
    expect(await heldOf(deps, bad)).toMatchObject({ state: 'mended', acts: [{ act: 'mend' }] });
    expect((await heldOf(deps, bad)).acts).toHaveLength(1);
    expect(await endOf(deps)).toMatchObject({ state: 'done' });
    for (const queue of ['archive-inbox', 'work-inbox']) {
      const ids = new Set(sentTo(deps, queue).map(({ body }) => acceptMessage.input.parse(body).id));
      expect(ids).toEqual(new Set([`test_message_${contentHash(good)}`]));
    }
  });

  test('and whose replayed message failed again meanwhile does not let it go', async () => {
    const deps = await holdingStf();
    await settleMessage.run(discard(anStfMessage(1)), deps);
    const dying = dyingAt(deps, 3, 'before').deps;
    await expect(settleMessage.run(replay(anStfMessage(1), 2), dying)).rejects.toThrow(Killed);
    await quarantineMessage(anStfMessage(1), { code: 'stf-file-lost', reason: 'gone' }, 'quarantine-message', deps);
    await settleMessage.run(replay(anStfMessage(1), 2), deps);
    expect(await heldOf(deps, anStfMessage(1))).toMatchObject({ state: 'held' });
  });
});

describe('any commands in any number of deliveries', () => {
  const acts = fc.array(fc.constantFrom('mend', 'replay', 'discard'), { minLength: 1, maxLength: 6 });
  const again = fc.array(fc.nat(20), { maxLength: 12 });

  test('leave the record that each of them once would, with the bytes as they came and every act with its reason', async () => {
    await fc.assert(
      fc.asyncProperty(acts, again, async (kinds, repeats) => {
        const commandOf = (kind: string, nth: number) =>
          aCommand(`quarantine.${kind}`, idOf(anStfMessage(1)), { data: kind === 'mend' ? { body } : {} }, nth);
        const body = anStfMessage(2).raw;
        const given = kinds.map(commandOf);
        const [once, often] = [await holdingStf(), await holdingStf()];
        for (const [at, command] of given.entries()) {
          await settleMessage.run(command, once);
          // What came before, or this one, comes again.
          for (const back of [0, ...repeats.slice(at * 2, at * 2 + 2)])
            await settleMessage.run(given[Math.max(0, at - back)] ?? command, often);
          await settleMessage.run(command, often);
        }
        const record = await heldOf(often, anStfMessage(1));
        expect(record).toEqual(await heldOf(once, anStfMessage(1)));
        expect(record.raw).toBe(anStfMessage(1).raw);
        const done = (await often.events()).filter(({ type }) => type === 'command.done');
        expect(record.acts?.map(({ commandId }) => commandId)).toEqual(done.map(({ subject }) => subject));
      }),
      { numRuns: 60 },
    );
  });
});
