import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readFacet } from '#lib/facet';
import { quarantines, runs, timelines } from '#lib/records';
import type { DaqMessage } from '#schema/daq-message';
import { acceptDaqMessage } from '../../../functions/daq/accept-daq-message.fn.ts';
import { aDeps, type TestDeps } from '../../builders/a-deps.ts';
import { dyingAt, everyDeath, Killed } from '../../builders/a-deps-crash.ts';
import { aLife, aMessage, anStfMessage } from '../../builders/a-message.ts';

const runId = 'test_run_00102363';
const acceptAll = async (deps: TestDeps, messages: readonly DaqMessage[]) => {
  for (const message of messages) await acceptDaqMessage.run(message, deps);
};
const heldIn = async (deps: TestDeps) =>
  (await quarantines.list(deps.store, 'i1', 'quarantine', { limit: 1000 })).items
    .filter(({ doc }) => doc.state === 'held')
    .map(({ doc }) => doc.messageId);

describe('the facets of the detector', () => {
  const facetsOf = async (deps: TestDeps) =>
    Promise.all(
      (['detector', 'run-control', 'observed'] as const).map(async (facet) => {
        const { revision: _, previousValue: __, type: ___, ...head } = (await readFacet(facet, deps))?.doc ?? {};
        return head;
      }),
    );
  const stfAt = (sequence: number, second: number, state = 'run', substate = 'physics', run = 102_363) =>
    anStfMessage(sequence, {
      run_id: run,
      timestamp: `2026-01-01T00:01:${String(second).padStart(2, '0')}.000000`,
      state,
      substate,
    });

  test('follow the lifecycle and the stamps on STFs', async () => {
    const deps = aDeps();
    const life = aLife('run_imminent', 'start_run', 'pause_run');
    await acceptAll(deps, [...life, stfAt(1, 1, 'beam', 'ready'), stfAt(2, 2), stfAt(3, 3)]);
    expect(await facetsOf(deps)).toMatchObject([
      { value: 'run/standby', owner: 'daq', eventAt: '2026-01-01T00:00:02.000000Z', runId, confidence: 'implied' },
      { value: 'run 102363 standby', reason: 'pause_run of run 102363', causeId: life[2]?.id },
      { value: 'run/physics', owner: 'stream', eventAt: '2026-01-01T00:01:02.000000Z', confidence: 'observed' },
    ]);
  });

  test('carry the configuration that the DAQ names, and the run its conditions', async () => {
    const deps = aDeps();
    const conditions = { beam_energy: '5 GeV', detector_config: 'physics' };
    await acceptAll(deps, [aMessage('run_imminent', { run_conditions: conditions })]);
    expect(await facetsOf(deps)).toMatchObject([{ configuration: 'physics' }, { configuration: 'physics' }, {}]);
    expect((await runs.need(deps.store, runId)).doc.conditions).toEqual(conditions);
  });

  test('end in the same for any order of arrival of any messages of several runs, one by one or at once', async () => {
    const kinds = ['run_imminent', 'start_run', 'pause_run', 'resume_run', 'end_run'] as const;
    const second = fc.nat(20);
    const run = fc.constantFrom(102_363, 102_364);
    const lifecycle = fc
      .tuple(fc.constantFrom(...kinds), second, run)
      .map(([kind, s, run_id]) =>
        aMessage(kind, { run_id, timestamp: `2026-01-01T00:01:${String(s).padStart(2, '0')}.500000` }),
      );
    const stf = fc
      .tuple(
        second,
        run,
        fc.constantFrom(['run', 'physics'], ['run', 'standby'], ['beam', 'ready'], ['off', 'physics']),
      )
      .map(([s, ofRun, [state, substate]]) => stfAt(s, s, state, substate, ofRun));
    const recordsOf = async (deps: TestDeps) => [
      await facetsOf(deps),
      await Promise.all([102_363, 102_364].map(async (one) => (await runs.get(deps.store, deps.ids.run(one)))?.doc)),
      await Promise.all(
        [102_363, 102_364].map(async (one) => (await timelines.get(deps.store, deps.ids.run(one)))?.doc),
      ),
      (await quarantines.list(deps.store, 'i1', 'quarantine', { limit: 1000 })).items
        .map(({ doc }) => [doc.messageId, doc.state, doc.state === 'held' && doc.problem.reason])
        .filter(([, state]) => state === 'held')
        .toSorted(),
    ];
    const arrivals = fc
      .uniqueArray(fc.oneof(lifecycle, stf), { maxLength: 16, selector: ({ id }) => id })
      .chain((all) =>
        fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }), fc.constantFrom(1, 3, 16)),
      );
    await fc.assert(
      fc.asyncProperty(arrivals, async ([all, arrived, atOnce]) => {
        const [straight, shuffled] = [aDeps(), aDeps()];
        await acceptAll(straight, all);
        for (let first = 0; first < arrived.length; first += atOnce)
          await Promise.all(
            arrived.slice(first, first + atOnce).map((message) => acceptDaqMessage.run(message, shuffled)),
          );
        expect(await recordsOf(shuffled)).toEqual(await recordsOf(straight));
      }),
      { numRuns: 60 },
    );
  });

  test('name the message that stands first of two that say the same at the same time', async () => {
    const timestamp = '2026-01-01T00:01:10.500000';
    const both = [aMessage('start_run', { timestamp }), aMessage('resume_run', { timestamp })];
    const [straight, turned] = [aDeps(), aDeps()];
    await acceptAll(straight, both);
    await acceptAll(turned, both.toReversed());
    expect(await facetsOf(turned)).toEqual(await facetsOf(straight));
  });

  test('are written rarely while the stream is steady', async () => {
    const deps = aDeps();
    await acceptAll(deps, [stfAt(1, 5)]);
    const { deps: watched, steps } = dyingAt(deps, 1000, 'before');
    await acceptAll(watched, [stfAt(2, 6), stfAt(3, 7), stfAt(4, 8)]);
    // Three executions are started; nothing is written.
    expect(steps.passed).toBe(3);
  });
});

describe('an STF whose message is odd', () => {
  test.each([
    ['a size that is none', { size: 'large' }, 'message-invalid', 'stf-size-malformed: "large" is'],
    ['a checksum that is none', { checksum: 'md5:00' }, 'message-invalid', 'stf-checksum-malformed: "md5:00" is'],
    [
      'a stamp of next week',
      { timestamp: '2026-01-08T00:00:00.000000' },
      'daq-clock-jumped',
      'clock-ahead: stamped 2026-01-08T00:00:00.000000Z, 168 h after',
    ],
    ['a state that is none', { state: 'off' }, 'state-transition-illegal', 'substate-unknown-to-state: off has no'],
  ])('%s, is processed all the same and kept with the rule', async (_, fields, code, reason) => {
    const deps = aDeps();
    const message = anStfMessage(1, fields);
    await acceptAll(deps, [message, message]);
    expect(deps.machines.started).toHaveLength(1);
    const { items } = await quarantines.list(deps.store, 'i1', 'quarantine');
    expect(items.map(({ doc }) => doc.problem)).toEqual([{ code, reason: expect.stringContaining(reason) }]);
  });

  test.each(everyDeath(3))('killed $moment effect $step, the next delivery ends in the same', async (death) => {
    const deps = aDeps();
    await acceptAll(deps, [anStfMessage(5, { timestamp: '2026-01-01T02:00:00.000000' })]);
    const message = anStfMessage(6, { timestamp: '2026-01-01T01:00:00.000000', state: 'beam', substate: 'ready' });
    const dying = dyingAt(deps, death.step, death.moment).deps;
    await expect(acceptDaqMessage.run(message, dying)).rejects.toBeInstanceOf(Killed);
    await acceptAll(deps, [message]);
    expect((await readFacet('observed', deps))?.doc).toMatchObject({ revision: 1, value: 'run/physics' });
    expect(await heldIn(deps)).toEqual([message.id]);
    expect(deps.machines.started).toHaveLength(2);
  });
});
