import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commit } from '#lib/change';
import { quarantines, runs, timelines } from '#lib/records';
import type { DaqMessage } from '#schema/daq-message';
import { acceptDaqMessage } from '../../../functions/daq/accept-daq-message.fn.ts';
import { aDeps, eventTypes, type TestDeps } from '../../builders/a-deps.ts';
import { dyingAt, everyDeath, Killed } from '../../builders/a-deps-crash.ts';
import { aLife, aMessage, anStfMessage } from '../../builders/a-message.ts';

const runId = 'test_run_00102363';
const whole = aLife('run_imminent', 'start_run', 'pause_run', 'resume_run', 'end_run');
const acceptAll = async (deps: TestDeps, messages: readonly DaqMessage[]) => {
  for (const message of messages) await acceptDaqMessage.run(message, deps);
};
/** The merges that were started; a run that is imminent is prepared for as well. */
const merges = (deps: TestDeps) => deps.machines.started.filter(({ machine }) => machine === 'merge-run');
/** The types of the events, those of facets left away. */
const typesOf = async (deps: TestDeps) => (await eventTypes(deps)).filter((type) => type !== 'facet.changed');
const heldIn = async (deps: TestDeps) =>
  (await quarantines.list(deps.store, 'i1', 'quarantine', { limit: 1000 })).items
    .filter(({ doc }) => doc.state === 'held')
    .map(({ doc }) => doc.messageId)
    .toSorted();

describe('a run', () => {
  test('follows its lifecycle messages, and its end starts the merge', async () => {
    const deps = aDeps();
    await acceptAll(deps, whole);
    expect((await runs.need(deps.store, runId)).doc).toMatchObject({ run: 102_363, phase: 'ended' });
    expect((await timelines.need(deps.store, runId)).doc.steps).toHaveLength(5);
    expect(await typesOf(deps)).toEqual(Array(5).fill('run.changed'));
    expect(merges(deps)).toEqual([
      {
        machine: 'merge-run',
        name: 'test_exec_bnl-1-run-00102363-p1',
        input: { runId, run: 102_363, pass: 1, closeS: deps.config.PAPILIO_RUN_CLOSE_S },
      },
    ]);
  });

  test('a message that comes again changes nothing', async () => {
    const deps = aDeps();
    await acceptAll(deps, [...whole, ...whole]);
    expect(await typesOf(deps)).toHaveLength(5);
    expect(merges(deps)).toHaveLength(1);
  });

  test('ends in the same record and the same quarantine for any order of arrival', async () => {
    const messages = [...whole, aMessage('resume_run', { timestamp: '2026-01-01T00:00:01.500000' })];
    const straight = aDeps();
    await acceptAll(straight, messages);
    const endOf = async (deps: TestDeps) => [
      (await runs.need(deps.store, runId)).doc,
      (await timelines.need(deps.store, runId)).doc,
      await heldIn(deps),
    ];
    const expected = await endOf(straight);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(messages, { minLength: messages.length }), async (arrived) => {
        const deps = aDeps();
        await acceptAll(deps, arrived);
        expect(await endOf(deps)).toEqual(expected);
        expect(merges(deps)).toHaveLength(1);
      }),
      { numRuns: 40 },
    );
  });

  test('messages at once are all recorded', async () => {
    const deps = aDeps();
    await Promise.all(whole.map((message) => acceptDaqMessage.run(message, deps)));
    expect((await timelines.need(deps.store, runId)).doc.steps.map(({ isLegal }) => isLegal)).toEqual(
      Array(5).fill(true),
    );
    expect(await heldIn(deps)).toEqual([]);
  });
});

describe('an illegal change of state', () => {
  const [, startRun, pauseRun, resumeRun] = aLife('run_imminent', 'start_run', 'pause_run', 'resume_run');

  test('is held with its reason, and the state stays', async () => {
    const deps = aDeps();
    const again = aMessage('start_run', { timestamp: '2026-01-01T00:00:09.000000' });
    await acceptAll(
      deps,
      [startRun, again].flatMap((one) => one ?? []),
    );
    expect(await heldIn(deps)).toEqual([again.id]);
    const { items } = await quarantines.list(deps.store, 'i1', 'quarantine');
    expect(items[0]?.doc).toMatchObject({
      problem: {
        code: 'state-transition-illegal',
        reason: 'lifecycle-out-of-phase: start_run does not follow phase physics',
      },
      raw: again.raw,
    });
    expect((await runs.need(deps.store, runId)).doc.phase).toBe('physics');
  });

  test('leaves quarantine by itself when a late message makes it legal', async () => {
    const deps = aDeps();
    await acceptAll(
      deps,
      [startRun, resumeRun].flatMap((one) => one ?? []),
    );
    expect(await heldIn(deps)).toEqual([resumeRun?.id]);
    await acceptAll(
      deps,
      [pauseRun].flatMap((one) => one ?? []),
    );
    expect(await heldIn(deps)).toEqual([]);
    const types = await typesOf(deps);
    expect(types.filter((type) => type !== 'run.changed')).toEqual(['message.quarantined', 'message.released']);
  });

  test('may come and go more than once', async () => {
    const deps = aDeps();
    const early = aMessage('pause_run', { timestamp: '2026-01-01T00:00:01.500000' });
    const between = aMessage('resume_run', { timestamp: '2026-01-01T00:00:01.700000' });
    await acceptAll(
      deps,
      [startRun, pauseRun, early, between].flatMap((one) => one ?? []),
    );
    expect(await heldIn(deps)).toEqual([]);
    await acceptAll(deps, [aMessage('end_run', { timestamp: '2026-01-01T00:00:01.600000' })]);
    expect(await heldIn(deps)).toEqual([pauseRun?.id, between.id].map(String).toSorted());
  });
});

describe('a run of which too much is said', () => {
  test('an end that comes last makes a hundred messages before it illegal', async () => {
    const deps = aDeps();
    const types = Array.from({ length: 150 }, (_, at) => (at % 2 === 0 ? 'pause_run' : 'resume_run'));
    const messages = types.map((type, at) =>
      aMessage(type, { timestamp: `2026-01-01T00:01:00.${String(at).padStart(6, '0')}` }),
    );
    await acceptAll(deps, messages);
    await acceptAll(deps, [aMessage('end_run', { timestamp: '2026-01-01T00:00:30.000000' })]);
    expect(await heldIn(deps)).toEqual(messages.map(({ id }) => id).toSorted());
    expect((await runs.need(deps.store, runId)).doc.phase).toBe('ended');
  });

  test('what passes the length of a timeline is held, and the run goes on', async () => {
    const deps = aDeps();
    const step = {
      type: 'start_run',
      stampedAt: '2026-01-01T00:00:01.000000Z',
      order: 0,
      raw: '{}',
      isLegal: false,
    } as const;
    const steps = Array.from({ length: 500 }, (_, at) => ({ ...step, messageId: `m${at}`, receivedAt: deps.now() }));
    await commit(deps, [], [timelines.put(runId, { runId, steps }, 0)]);
    const more = aMessage('start_run');
    await acceptAll(deps, [more, more]);
    expect(await heldIn(deps)).toEqual([more.id]);
    expect((await timelines.need(deps.store, runId)).doc.steps).toHaveLength(500);
  });

  test('large messages are held, and the run goes on', async () => {
    const deps = aDeps();
    const messages = Array.from({ length: 8 }, (_, at) =>
      aMessage('start_run', { padding: 'x'.repeat(90_000), simulation_tick: at }),
    );
    await acceptAll(deps, messages);
    expect(await heldIn(deps)).toHaveLength(7);
    await acceptAll(deps, aLife('start_run', 'pause_run').slice(1));
    expect((await runs.need(deps.store, runId)).doc.phase).toBe('standby');
  });
});

describe('an STF', () => {
  test('starts one execution, named after it, without the raw bytes', async () => {
    const deps = aDeps();
    const message = anStfMessage(3);
    await acceptAll(deps, [message, message]);
    expect(await eventTypes(deps)).toEqual(['facet.changed']);
    await acceptAll(deps, [anStfMessage(3, { sender: 'another' })]);
    const { raw: _, ...facts } = message;
    expect(deps.machines.started).toEqual([
      { machine: 'process-stf', name: 'test_exec_bnl-1-stf-00102363-00000003-p1', input: { message: facts } },
    ]);
  });

  test('with a wrong state stamp is held as an observation and processed all the same', async () => {
    const deps = aDeps();
    const message = anStfMessage(3, { state: 'off', substate: 'physics' });
    await acceptAll(deps, [message, message]);
    expect(await heldIn(deps)).toEqual([message.id]);
    expect(deps.machines.started).toHaveLength(1);
    expect(await eventTypes(deps)).toEqual(['message.quarantined']);
  });
});

test('what others say to each other changes nothing', async () => {
  const deps = aDeps();
  await acceptAll(deps, [aMessage('stf_ready'), aMessage('slice')]);
  expect([await deps.events(), deps.machines.started]).toEqual([[], []]);
});

test.each(everyDeath(2))('killed $moment effect $step, the next delivery ends in the same record', async (death) => {
  const deps = aDeps();
  await acceptAll(deps, whole.slice(0, -1));
  const end = whole.slice(-1);
  for (const message of end)
    await expect(acceptDaqMessage.run(message, dyingAt(deps, death.step, death.moment).deps)).rejects.toBeInstanceOf(
      Killed,
    );
  await acceptAll(deps, end);
  expect((await runs.need(deps.store, runId)).doc.phase).toBe('ended');
  expect(await typesOf(deps)).toHaveLength(5);
  expect(merges(deps)).toHaveLength(1);
});
