import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commit } from '#lib/change';
import { facetId, followFacet, type NextRevision, type Revising, readFacet, reviseFacet } from '#lib/facet';
import { facetRevisions } from '#lib/records';
import type { FacetName } from '#schema/facet';
import { aDeps, type TestDeps } from '../../builders/a-deps.ts';

const at = (second: number): string => `2026-01-01T00:00:${String(second).padStart(2, '0')}.000000Z`;
const told = (value: string, second: number, more: Partial<NextRevision> = {}): NextRevision => ({
  facet: 'detector',
  owner: 'daq',
  value,
  reason: 'told by a test',
  eventAt: at(second),
  receivedAt: '2026-01-01T00:00:00.000Z',
  runId: 'test_run_00000001',
  causeId: 'test_message_1',
  actor: 'a-test',
  confidence: 'told',
  ...more,
});
const write = async ({ changes, writes }: Revising, deps: TestDeps) => {
  await commit(deps, changes, writes);
  return changes.length > 0;
};
const revise = async (deps: TestDeps, next: NextRevision) =>
  write(reviseFacet(deps, await readFacet(next.facet, deps), next), deps);
const follow = async (deps: TestDeps, next: NextRevision) =>
  write(followFacet(deps, await readFacet(next.facet, deps), next), deps);
const revisions = async (deps: TestDeps, facet: FacetName = 'detector') =>
  (await facetRevisions.list(deps.store, 'i1', `facet#${facet}`)).items.map(({ doc }) => doc);

describe('a facet', () => {
  test('keeps every revision, with the value before it, and tells of each in one event', async () => {
    const deps = aDeps();
    for (const [value, second] of [
      ['beam/ready', 1],
      ['run/physics', 2],
    ] as const)
      await revise(deps, told(value, second));
    expect(await revisions(deps)).toMatchObject([
      { revision: 1, value: 'beam/ready', type: 'changed', schemaVersion: 1 },
      { revision: 2, value: 'run/physics', previousValue: 'beam/ready', eventAt: at(2) },
    ]);
    expect((await readFacet('detector', deps))?.doc).toEqual((await revisions(deps))[1]);
    expect(await deps.events()).toMatchObject([
      { type: 'facet.changed', subject: facetId('detector', deps), version: 1, cause: 'test_message_1', by: 'a-test' },
      { version: 2, data: { facet: 'detector', value: 'run/physics' } },
    ]);
  });

  test('is revised by its owner only', async () => {
    const deps = aDeps();
    await expect(revise(deps, told('run/physics', 1, { owner: 'stream' }))).rejects.toMatchObject({
      code: 'facet-not-owned',
    });
    expect(await deps.events()).toEqual([]);
  });

  test('is not revised by the same value of the same run, unless that corrects it', async () => {
    const deps = aDeps();
    await revise(deps, told('run/physics', 1));
    expect(await revise(deps, told('run/physics', 2))).toBe(false);
    expect(await revise(deps, told('run/physics', 2, { runId: 'test_run_00000002' }))).toBe(true);
    expect(await revise(deps, told('run/physics', 3, { type: 'corrected', runId: 'test_run_00000002' }))).toBe(true);
    expect((await revisions(deps)).map(({ type }) => type)).toEqual(['changed', 'changed', 'corrected']);
  });

  test('is never revised by two at once', async () => {
    const deps = aDeps();
    const current = await readFacet('detector', deps);
    await write(reviseFacet(deps, current, told('beam/ready', 1)), deps);
    await expect(write(reviseFacet(deps, current, told('run/physics', 1)), deps)).rejects.toMatchObject({
      code: 'store-conflict',
    });
  });
});

describe('a facet that follows what is known', () => {
  test.each([
    ['goes on', told('run/standby', 2), 'changed'],
    ['goes on at the same moment', told('run/standby', 1), 'changed'],
    ['goes on in another run', told('run/physics', 2, { runId: 'test_run_00000002' }), 'changed'],
    ['was otherwise before', told('beam/ready', 0), 'corrected'],
    ['has held longer', told('run/physics', 0), 'corrected'],
    ['has held for less', told('run/physics', 2), 'corrected'],
    ['has another configuration', told('run/physics', 1, { configuration: 'v2' }), 'corrected'],
  ])('%s', async (_, next, type) => {
    const deps = aDeps();
    await follow(deps, told('run/physics', 1));
    expect(await follow(deps, next)).toBe(true);
    expect((await revisions(deps)).at(-1)).toMatchObject({
      revision: 2,
      type,
      value: next.value,
      eventAt: next.eventAt,
    });
  });

  test('ends where the last word puts it, and is told once what it knows', async () => {
    const word = fc
      .tuple(fc.constantFrom('beam/ready', 'run/physics'), fc.nat(3))
      .map(([value, at]) => told(value, at));
    await fc.assert(
      fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 8 }), async (words) => {
        const deps = aDeps();
        for (const next of words) {
          await follow(deps, next);
          expect(await follow(deps, next)).toBe(false);
          expect((await readFacet('detector', deps))?.doc).toMatchObject({ value: next.value, eventAt: next.eventAt });
        }
      }),
      { numRuns: 30 },
    );
  });
});
