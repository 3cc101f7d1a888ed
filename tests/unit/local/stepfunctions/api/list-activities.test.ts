import { expect, test } from 'vitest';
import { aStatesPart, type TestStates } from '../../../../builders/a-states-part.ts';

const withMany = async (count: number): Promise<TestStates> => {
  const states = aStatesPart();
  for (let at = 0; at < count; at++) await states.call('CreateActivity', { name: `a${at}` });
  return states;
};

const countOf = ({ activities }: Record<string, unknown>): number => [activities].flat().length;

test.each([0, 1, 1000])('api: ListActivities.maxResults accept: %i', async (maxResults) => {
  expect(countOf(await (await withMany(1)).call('ListActivities', { maxResults }))).toBe(1);
});

test.each([-1, 1001, 1.5, '1'])('api: ListActivities.maxResults refuse: %j', async (maxResults) => {
  await expect((await withMany(1)).call('ListActivities', { maxResults })).rejects.toMatchObject({
    code: 'ValidationException',
  });
});

test('api: ListActivities.maxResults effect: so many are on a page; a hundred, if nothing or 0 is said', async () => {
  const states = await withMany(101);
  expect(countOf(await states.call('ListActivities', { maxResults: 2 }))).toBe(2);
  for (const input of [{}, { maxResults: 0 }]) expect(countOf(await states.call('ListActivities', input))).toBe(100);
});

test('api: ListActivities.nextToken accept: that of the page before', async () => {
  const states = await withMany(3);
  const { nextToken } = await states.call('ListActivities', { maxResults: 2 });
  expect(countOf(await states.call('ListActivities', { maxResults: 2, nextToken }))).toBe(1);
});

test.each(['x', '-1', ''])('api: ListActivities.nextToken refuse: %j', async (nextToken) => {
  await expect((await withMany(3)).call('ListActivities', { nextToken })).rejects.toMatchObject({
    code: expect.stringMatching(/^(InvalidToken|ValidationException)$/),
  });
});

test('api: ListActivities.nextToken effect: the pages are all there is, once', async () => {
  const states = await withMany(5);
  const seen: unknown[] = [];
  for (let nextToken: unknown, isFirst = true; isFirst || nextToken !== undefined; isFirst = false) {
    const page = await states.call('ListActivities', { maxResults: 2, ...(nextToken !== undefined && { nextToken }) });
    seen.push(...[page.activities].flat());
    nextToken = page.nextToken;
  }
  expect(seen).toHaveLength(5);
  expect(new Set(seen.map((each) => JSON.stringify(each))).size).toBe(5);
  expect(seen).toContainEqual({
    activityArn: 'arn:aws:states:us-east-1:111111111111:activity:a0',
    name: 'a0',
    creationDate: states.clock.nowMs() / 1000,
  });
});
