import { expect, test } from 'vitest';
import { silentLog } from '#lib/log';
import { reviewProcessing } from '#lib/processing';
import { facetRevisions, facets } from '#lib/records';
import { catalog } from '../../../functions/catalog.ts';
import { watchStream } from '../../../functions/streaming/watch-stream.fn.ts';
import { startSchedule } from '../../../local/plane/schedules.ts';
import { aDeps, eventTypes, type TestDeps } from '../../builders/a-deps.ts';
import { aFacetRevision } from '../../builders/a-facet.ts';
import { aCataloguedStf } from '../../builders/a-stf.ts';

const facetValue = async (deps: TestDeps, facet: string) =>
  (await facets.get(deps.store, `test_facet_${facet}`))?.doc.value;
const reviews = (deps: TestDeps) => deps.queues.sent.filter(({ queue }) => queue === 'broker').length;
const look = (deps: TestDeps) => watchStream.run({}, deps);
/** Plays the plane's schedule on the test's clock until it is stopped. */
const scheduled = (deps: TestDeps) =>
  startSchedule({
    functionName: 'watch-stream',
    ...catalog['watch-stream'].trigger,
    payload: {},
    id: 'schedule',
    call: () => look(deps),
    clock: deps.clock,
    log: silentLog,
  });

test('before the first STF nothing is said of the stream, and processing runs', async () => {
  const deps = aDeps();
  await look(deps);
  expect(await facetValue(deps, 'stream')).toBeUndefined();
  expect(await facetValue(deps, 'processing')).toBe('running');
});

test('silence is found within a second of its limit, and the first STF after it ends it within a second', async () => {
  const deps = aDeps({ environment: { PAPILIO_SILENCE_S: '5' } });
  const schedule = scheduled(deps);
  await deps.clock.advance(2_300);
  await aCataloguedStf(deps, 1);
  await deps.clock.advance(1_000);
  expect(await facetValue(deps, 'stream')).toBe('flowing');
  await deps.clock.advance(3_900);
  expect(await facetValue(deps, 'stream')).toBe('flowing');
  await deps.clock.advance(1_100);
  expect(await facetValue(deps, 'stream')).toBe('silent');
  expect(await facetValue(deps, 'processing')).toBe('suspended-by-silence');
  const head = (await facets.need(deps.store, 'test_facet_stream')).doc;
  expect(head).toMatchObject({ eventAt: '2026-01-01T00:00:02.300Z', runId: 'test_run_00102363', owner: 'papilio' });
  await aCataloguedStf(deps, 2);
  await deps.clock.advance(1_000);
  expect(await facetValue(deps, 'stream')).toBe('flowing');
  expect(await facetValue(deps, 'processing')).toBe('running');
  const stopped = schedule.stop();
  await deps.clock.advance(1_000);
  await stopped;
});

test('an STF costs it no write: a stream that flows is one revision', async () => {
  const deps = aDeps();
  for (let sequence = 1; sequence <= 20; sequence++) {
    await aCataloguedStf(deps, sequence);
    await deps.clock.advance(600);
    await look(deps);
  }
  const { items } = await facetRevisions.list(deps.store, 'i1', 'facet#stream');
  expect(items.map(({ doc }) => doc.value)).toEqual(['flowing']);
  expect((await eventTypes(deps)).filter((type) => type === 'facet.changed')).toHaveLength(2);
});

test('after it was away, it does not call a stream silent before it has watched for the limit', async () => {
  const deps = aDeps({ environment: { PAPILIO_SILENCE_S: '5' } });
  await aCataloguedStf(deps, 1);
  await look(deps);
  await deps.clock.advance(60_000);
  const again: TestDeps = { ...deps, store: { ...deps.store } };
  await look(again);
  await deps.clock.advance(4_999);
  await look(again);
  expect(await facetValue(deps, 'stream')).toBe('flowing');
  await deps.clock.advance(1);
  await look(again);
  expect(await facetValue(deps, 'stream')).toBe('silent');
});

test('a state that suspends does so within the next look, and the broker is told once of each revision', async () => {
  const deps = aDeps();
  await aCataloguedStf(deps, 1);
  await look(deps);
  const told = reviews(deps);
  await aFacetRevision(deps, 'detector', 'off/eic');
  await look(deps);
  await look(deps);
  expect(await facetValue(deps, 'processing')).toBe('suspended-by-state');
  await aFacetRevision(deps, 'detector', 'no_beam/epic');
  await look(deps);
  expect(await facetValue(deps, 'processing')).toBe('running');
  expect(reviews(deps)).toBe(told + 2);
});

test('an operator’s hold survives a restart, and the broker is told of it again', async () => {
  const deps = aDeps();
  await reviewProcessing({ actor: 'anna', operator: { holdsBecause: 'anna: x' } }, deps);
  const again: TestDeps = { ...deps, store: { ...deps.store } };
  await look(again);
  expect(await facetValue(deps, 'processing')).toBe('suspended-by-operator');
  expect(reviews(deps)).toBe(1);
});

test('while the queue is away the broker is told later', async () => {
  const deps = aDeps();
  deps.queues.isAway = true;
  await expect(look(deps)).rejects.toMatchObject({ code: 'plane-unavailable' });
  deps.queues.isAway = false;
  await look(deps);
  await look(deps);
  expect(reviews(deps)).toBe(1);
});
