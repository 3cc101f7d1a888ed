import { expect, test } from 'vitest';
import { commands, facetRevisions, facets } from '#lib/records';
import { Command } from '#schema/command';
import { steerProcessing } from '../../../functions/workflows/steer-processing.fn.ts';
import { aDeps, type TestDeps } from '../../builders/a-deps.ts';
import { dyingAt, everyDeath } from '../../builders/a-deps-crash.ts';
import { aFacetRevision } from '../../builders/a-facet.ts';

const subject = 'test_facet_processing';
const aCommand = (verb: 'suspend' | 'resume', id: string, why = 'a new firmware') =>
  Command.parse({
    id: `test_command_${id}`,
    action: `processing.${verb}`,
    subject,
    by: 'anna',
    why,
    at: '2026-01-01T00:00:00.000Z',
  });
const suspend = (deps: TestDeps, id: string, why?: string) => steerProcessing.run(aCommand('suspend', id, why), deps);
const resume = (deps: TestDeps, id: string) => steerProcessing.run(aCommand('resume', id), deps);
const facetValue = async (deps: TestDeps) => (await facets.get(deps.store, subject))?.doc.value;
const valuesOf = async (deps: TestDeps) =>
  (await facetRevisions.list(deps.store, 'i1', 'facet#processing')).items.map(({ doc }) => doc.value);
const endOf = async (deps: TestDeps, id: string) => (await commands.need(deps.store, `test_command_${id}`)).doc;

test('an operator suspends and resumes, with reason, cause and name; the broker is told of both', async () => {
  const deps = aDeps();
  await suspend(deps, '1');
  const head = (await facets.need(deps.store, subject)).doc;
  expect(head).toMatchObject({
    value: 'suspended-by-operator',
    reason: 'anna: a new firmware',
    actor: 'anna',
    causeId: 'test_command_1',
    confidence: 'told',
  });
  await resume(deps, '2');
  expect(await facetValue(deps)).toBe('running');
  expect((await deps.events()).map(({ type, cause }) => [type, cause])).toEqual([
    ['facet.changed', 'test_command_1'],
    ['command.done', 'test_command_1'],
    ['facet.changed', 'test_command_2'],
    ['command.done', 'test_command_2'],
  ]);
  const review = { queue: 'broker', body: { kind: 'review' } };
  expect(deps.queues.sent).toEqual([review, review]);
});

test('the first reason stands: who suspends what is suspended changes nothing', async () => {
  const deps = aDeps();
  await suspend(deps, '1');
  await suspend(deps, '2', 'lunch');
  expect((await facets.need(deps.store, subject)).doc.reason).toBe('anna: a new firmware');
  expect((await endOf(deps, '2')).state).toBe('done');
});

test('what no operator holds is not resumed by one', async () => {
  const deps = aDeps();
  await aFacetRevision(deps, 'processing', 'suspended-by-state');
  await resume(deps, '1');
  expect(await endOf(deps, '1')).toMatchObject({ state: 'refused', problem: { code: 'processing-not-held' } });
  expect(await facetValue(deps)).toBe('suspended-by-state');
});

test('resumed while the detector is off, it is suspended by state', async () => {
  const deps = aDeps();
  await aFacetRevision(deps, 'detector', 'off/eic');
  await suspend(deps, '1');
  await resume(deps, '2');
  expect(await facetValue(deps)).toBe('suspended-by-state');
});

test('a long why is cut to what a revision holds', async () => {
  const deps = aDeps();
  await suspend(deps, '1', 'x'.repeat(500));
  expect((await facets.need(deps.store, subject)).doc.reason).toHaveLength(300);
});

test.each(everyDeath(3))(
  'killed $moment effect $step, a repeat of the command ends in the same revisions',
  async (death) => {
    const deps = aDeps();
    await suspend(deps, '1');
    const { deps: dying } = dyingAt(deps, death.step, death.moment);
    await expect(resume(dying, '2')).rejects.toThrow();
    await resume(deps, '2');
    expect(await valuesOf(deps)).toEqual(['suspended-by-operator', 'running']);
    expect((await endOf(deps, '2')).state).toBe('done');
    expect(deps.queues.sent.at(-1)).toEqual({ queue: 'broker', body: { kind: 'review' } });
  },
);

test('a command that is delivered again after a later one has been carried out undoes nothing', async () => {
  const deps = aDeps();
  const { deps: dying } = dyingAt(deps, 2, 'before');
  await expect(suspend(dying, '1')).rejects.toThrow();
  await resume(deps, '2');
  await suspend(deps, '1');
  expect(await valuesOf(deps)).toEqual(['suspended-by-operator', 'running']);
});
