import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { periodsAt, periodsOfRun, periodsWith } from '#lib/periods';
import { commands, periodNodes, periods } from '#lib/records';
import type { RunPeriod } from '#schema/run-period';
import { keepPeriods } from '../../../functions/daq/keep-periods.fn.ts';
import { aCommand } from '../../builders/a-command.ts';
import { aDeps, eventTypes, type TestDeps } from '../../builders/a-deps.ts';
import { dyingAt, everyDeath, Killed } from '../../builders/a-deps-crash.ts';

const idOf = (name: string) => `test_period_${name}`;
let nth = 0;
const tell = async (deps: TestDeps, action: 'period.name' | 'period.close', name: string, data: object) => {
  nth += 1;
  const command = aCommand(action, idOf(name), { data: { ...data }, at: '2026-06-01T00:00:00.000Z' }, nth);
  await keepPeriods.run(command, deps);
  return (await commands.need(deps.store, command.id)).doc.problem?.code ?? 'done';
};
const name = (deps: TestDeps, called: string, data: object) => tell(deps, 'period.name', called, data);
const close = (deps: TestDeps, called: string, data: object = {}) => tell(deps, 'period.close', called, data);
const named = (found: readonly RunPeriod[]) => found.map((period) => period.name);

describe('a run period', () => {
  test('is named and closed once, by a person, with a reason', async () => {
    const deps = aDeps();
    const configuration = { beam: '5x41', field: '1.7 T' };
    expect(await name(deps, 'low-lumi', { runFirst: 100, configuration, note: 'first try' })).toBe('done');
    expect(await close(deps, 'low-lumi', { runEnd: 110 })).toBe('done');
    expect((await periods.need(deps.store, idOf('low-lumi'))).doc).toEqual({
      id: idOf('low-lumi'),
      name: 'low-lumi',
      runFirst: 100,
      runEnd: 110,
      configuration,
      note: 'first try',
      namedBy: 'anna',
      namedAt: '2026-06-01T00:00:00.000Z',
      closedBy: 'anna',
      closedAt: '2026-06-01T00:00:00.000Z',
    });
    expect(await eventTypes(deps)).toEqual(['period.named', 'command.done', 'period.closed', 'command.done']);
  });

  test('of time that is closed without an end ends with the command', async () => {
    const deps = aDeps();
    await name(deps, 'night', { startsAt: '2026-05-31T22:00:00.000Z' });
    await close(deps, 'night');
    expect((await periods.need(deps.store, idOf('night'))).doc.endsAt).toBe('2026-06-01T00:00:00.000Z');
  });

  test('said again in the same words stays as it is, in others it is refused', async () => {
    const deps = aDeps();
    const data = { runFirst: 100, configuration: { a: '1', b: '2' } };
    expect(await name(deps, 'p', data)).toBe('done');
    expect(await name(deps, 'p', { ...data, configuration: { b: '2', a: '1' } })).toBe('done');
    expect(await name(deps, 'p', { ...data, runFirst: 101 })).toBe('period-exists');
    expect(await close(deps, 'p', { runEnd: 110 })).toBe('done');
    expect(await close(deps, 'p', { runEnd: 110 })).toBe('done');
    expect(await close(deps, 'p', { runEnd: 111 })).toBe('period-closed');
    expect((await eventTypes(deps)).filter((type) => type.startsWith('period.'))).toHaveLength(2);
  });

  test.each([
    ['without a beginning', {}],
    ['with two kinds of beginning', { runFirst: 1, startsAt: '2026-01-01T00:00:00.000Z' }],
    ['that ends before it begins', { runFirst: 5, runEnd: 5 }],
    ['that ends in another kind', { runFirst: 5, endsAt: '2026-01-01T00:00:00.000Z' }],
    ['of a run that cannot be', { runFirst: 100_000_000 }],
    ['of the last century', { startsAt: '1999-01-01T00:00:00.000Z' }],
    ['with a local time', { startsAt: '2026-01-01T00:00:00+02:00' }],
    ['with a name of lines', { runFirst: 5, configuration: { beam: 'a\nb' } }],
  ])('%s is refused', async (_, data) => {
    const deps = aDeps();
    expect(await name(deps, 'p', data)).toBe('input-invalid');
    expect(await periods.get(deps.store, idOf('p'))).toBeUndefined();
  });

  test.each(['a b', 'ä', '-a', 'a'.repeat(41)])('is not called %j', async (called) => {
    expect(await name(aDeps(), called, { runFirst: 1 })).toBe('input-invalid');
  });

  test('that nobody named cannot be closed', async () => {
    expect(await close(aDeps(), 'p', { runEnd: 5 })).toBe('record-missing');
  });

  test.each(everyDeath(2))('is closed once though killed $moment effect $step', async (death) => {
    const deps = aDeps();
    await name(deps, 'p', { startsAt: '2026-05-01T00:00:00.000Z' });
    const command = aCommand('period.close', idOf('p'), { at: '2026-06-01T00:00:00.000Z' }, -1);
    await expect(keepPeriods.run(command, dyingAt(deps, death.step, death.moment).deps)).rejects.toBeInstanceOf(Killed);
    await keepPeriods.run(command, deps);
    expect((await commands.need(deps.store, command.id)).doc.state).toBe('done');
    expect((await eventTypes(deps)).filter((type) => type === 'period.closed')).toHaveLength(1);
  });
});

describe('periods that overlap', () => {
  test('hold a run, a moment or a configuration, each that does', async () => {
    const deps = aDeps();
    await name(deps, 'year', { startsAt: '2026-01-01T00:00:00.000Z', configuration: { beam: '5x41' } });
    await name(deps, 'scan', { runFirst: 100, runEnd: 200, configuration: { beam: '5x41', field: 'off' } });
    await name(deps, 'test', { runFirst: 150, runEnd: 151, configuration: { beam: '10x100' } });
    await name(deps, 'shift', { startsAt: '2026-03-01T08:00:00.500Z', endsAt: '2026-03-01T16:00:00.500Z' });
    expect(named(await periodsOfRun(150, deps))).toEqual(['scan', 'test']);
    expect(named(await periodsOfRun(200, deps))).toEqual([]);
    expect(named(await periodsAt('2026-03-01T08:00:00.499Z', deps))).toEqual(['year']);
    expect(named(await periodsAt('2026-03-01T08:00:00.500000Z', deps))).toEqual(['shift', 'year']);
    expect(named(await periodsAt('2026-03-01T16:00:00.500Z', deps))).toEqual(['year']);
    expect(named(await periodsWith('beam', '5x41', deps))).toEqual(['scan', 'year']);
    expect(await periodsWith('beam', '5', deps)).toEqual([]);
  });

  const anExtent = fc
    .record({
      first: fc.integer({ min: 0, max: 60 }),
      length: fc.integer({ min: 1, max: 40 }),
      isByRun: fc.boolean(),
      isClosedLater: fc.boolean(),
    })
    .map(({ length, ...extent }) => ({ ...extent, end: extent.first + length }));
  type Extent = typeof anExtent extends fc.Arbitrary<infer T> ? T : never;
  const moment = (at: number) => new Date(Date.UTC(2026, 0, 1) + at * 700).toISOString();
  const make = async (deps: TestDeps, called: string, { first, end, isByRun, isClosedLater }: Extent) => {
    const over = isByRun ? { runEnd: end } : { endsAt: moment(end) };
    const begun = isByRun ? { runFirst: first } : { startsAt: moment(first) };
    await name(deps, called, isClosedLater ? begun : { ...begun, ...over });
    if (isClosedLater) await close(deps, called, over);
  };
  const holding = (extents: readonly Extent[], at: number, wantsRuns: boolean) =>
    [...extents.entries()]
      .filter(([, { first, end, isByRun }]) => isByRun === wantsRuns && first <= at && at < end)
      .map(([index]) => `p${index}`);

  test('are found by run and by time as a search through all of them finds them', async () => {
    const asked = fc.array(fc.integer({ min: 0, max: 110 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.array(anExtent, { maxLength: 8 }), asked, async (extents, moments) => {
        const deps = aDeps();
        for (const [at, extent] of extents.entries()) await make(deps, `p${at}`, extent);
        for (const at of moments) {
          expect(named(await periodsOfRun(at, deps))).toEqual(holding(extents, at, true));
          expect(named(await periodsAt(moment(at), deps))).toEqual(holding(extents, at, false));
        }
      }),
      { numRuns: 40 },
    );
  });

  test('cost the same to find, however many runs and periods there are', async () => {
    const deps = aDeps();
    for (let at = 0; at < 300; at++) await name(deps, `p${at}`, { runFirst: at * 1000, runEnd: at * 1000 + 500 });
    let read = 0;
    const counting = {
      ...deps.store,
      getMany: (keys: Parameters<typeof deps.store.getMany>[0]) => {
        read += keys.length;
        return deps.store.getMany(keys);
      },
    };
    expect(named(await periodsOfRun(150_250, { ids: deps.ids, store: counting }))).toEqual(['p150']);
    expect(read).toBe(28 + 1);
  });

  test('without an end hold runs up to the last number, wherever they began', async () => {
    const deps = aDeps();
    await name(deps, 'old', { runFirst: 100 });
    await name(deps, 'late', { runFirst: 2 ** 21 + 5 });
    await name(deps, 'between', { runFirst: 2 ** 21 - 5, runEnd: 2 ** 21 + 5 });
    expect(named(await periodsOfRun(2 ** 21 - 1, deps))).toEqual(['between', 'old']);
    expect(named(await periodsOfRun(2 ** 21 + 4, deps))).toEqual(['between', 'old']);
    expect(named(await periodsOfRun(99_999_999, deps))).toEqual(['late', 'old']);
    await close(deps, 'old', { runEnd: 2 ** 21 + 6 });
    expect(named(await periodsOfRun(2 ** 21 + 5, deps))).toEqual(['late', 'old']);
    expect(named(await periodsOfRun(99_999_999, deps))).toEqual(['late']);
  });

  test('leave the nodes that they do not lie in any more', async () => {
    const deps = aDeps();
    await name(deps, 'p', { runFirst: 100 });
    await close(deps, 'p', { runEnd: 101 });
    const node = async (place: string) =>
      (await periodNodes.get(deps.store, deps.ids.of('periodnode', place)))?.doc.periodIds;
    expect(await node('runs-0-100')).toEqual([idOf('p')]);
    expect(await node('runs-2-25')).toEqual([]);
  });
});
