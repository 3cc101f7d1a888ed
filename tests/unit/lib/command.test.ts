import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { change, commit } from '#lib/change';
import { defineCommands, onAction } from '#lib/command';
import type { Deps } from '#lib/deps';
import { type ErrorCode, PapilioError } from '#lib/errors';
import { commands, outbox } from '#lib/records';
import { aCommand } from '../../builders/a-command.ts';
import { aDeps, eventTypes } from '../../builders/a-deps.ts';
import { dyingAt, everyDeath, Killed } from '../../builders/a-deps-crash.ts';

/** Writes a record of the subject's name, once. */
const write = async (id: string, cause: string, deps: Deps): Promise<void> => {
  if (await outbox.get(deps.store, id)) return;
  const doc = { id, token: 't', answer: { kind: 'success' as const, output: {} } };
  const fact = { type: 'facet.changed', cause, by: 'settle-message', data: {} };
  await commit(deps, [change(deps, id, outbox.put(id, doc, 0), fact)]);
};

const paint = (refusal?: ErrorCode, ran: string[] = []) =>
  defineCommands('settle-message', {
    'wall.paint': onAction(z.object({ colour: z.enum(['red', 'blue']) }), async ({ id, subject, data }, deps) => {
      ran.push(data.colour);
      if (refusal) throw new PapilioError(refusal, `not ${subject}`);
      await write(subject, id, deps);
    }),
  });
const red = aCommand('wall.paint', 'wall-1', { data: { colour: 'red' } });
const ended = async (deps: Deps, id = red.id) => (await commands.get(deps.store, id))?.doc;

describe('a command', () => {
  test('is carried out and says so, naming who asked, why, and itself as the cause', async () => {
    const deps = aDeps();
    await paint().run(red, deps);
    expect(await ended(deps)).toMatchObject({ ...red, state: 'done', endedAt: deps.now() });
    const events = await deps.events();
    expect(events.map(({ type, cause, by }) => ({ type, cause, by }))).toEqual([
      { type: 'facet.changed', cause: red.id, by: 'settle-message' },
      { type: 'command.done', cause: red.id, by: 'settle-message' },
    ]);
    const cover = { record: 'command', recordSha256: expect.stringMatching(/^[0-9a-f]{64}$/) };
    expect(events[1]?.data).toEqual({ action: 'wall.paint', subject: 'wall-1', who: 'anna', why: red.why, ...cover });
  });

  test('is carried out once, however often it comes', async () => {
    const deps = aDeps();
    const ran: string[] = [];
    for (let times = 0; times < 3; times++) await paint(undefined, ran).run(red, deps);
    expect(ran).toEqual(['red']);
    expect(await eventTypes(deps)).toEqual(['facet.changed', 'command.done']);
  });

  test('that comes twice at once has one ending', async () => {
    const deps = aDeps();
    await Promise.all([paint().run(red, deps), paint().run(red, deps)].map((one) => one.catch(() => undefined)));
    await paint().run(red, deps);
    expect(await eventTypes(deps)).toEqual(['facet.changed', 'command.done']);
  });

  test.each<ErrorCode>(['record-missing', 'input-invalid', 'quarantine-settled', 'token-refused'])(
    'is refused for good with %s',
    async (code) => {
      const deps = aDeps();
      const ran: string[] = [];
      for (let times = 0; times < 2; times++) await paint(code, ran).run(red, deps);
      expect(ran).toHaveLength(1);
      expect(await ended(deps)).toMatchObject({ state: 'refused', problem: { code, reason: 'not wall-1' } });
      expect((await deps.events()).map(({ type, data }) => ({ type, code: data.code }))).toEqual([
        { type: 'command.refused', code },
      ]);
    },
  );

  test.each<ErrorCode>(['store-unavailable', 'plane-unavailable', 'store-conflict', 'bug'])(
    'that meets %s is not ended: it is tried again',
    async (code) => {
      const deps = aDeps();
      await expect(paint(code).run(red, deps)).rejects.toMatchObject({ code });
      expect(await ended(deps)).toBeUndefined();
      await paint().run(red, deps);
      expect(await ended(deps)).toMatchObject({ state: 'done' });
    },
  );

  test.each([
    ['data that are not its action’s', { data: { colour: 'green' } }],
    ['an action that the function does not do', { action: 'wall.break' }],
    ['an action named like a property of every object', { action: 'to.string' }],
  ])('with %s is refused', async (_, changes) => {
    const deps = aDeps();
    await paint().run({ ...red, ...changes }, deps);
    expect(await ended(deps)).toMatchObject({ state: 'refused', problem: { code: 'input-invalid' } });
    expect(await outbox.get(deps.store, 'wall-1')).toBeUndefined();
  });

  test.each(everyDeath(2))('whose plane dies $moment effect $step is carried out and ended once', async (death) => {
    const deps = aDeps();
    await expect(paint().run(red, dyingAt(deps, death.step, death.moment).deps)).rejects.toThrow(Killed);
    await paint().run(red, deps);
    expect(await eventTypes(deps)).toEqual(['facet.changed', 'command.done']);
  });
});
