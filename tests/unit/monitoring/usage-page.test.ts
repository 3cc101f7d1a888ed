import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { graduation, usageKeptDays } from '../../../functions/monitoring/policy.ts';

test('the page for operators says the numbers by which an integration graduates', () => {
  const page = readFileSync(new URL('../../../docs/operators/usage.md', import.meta.url), 'utf8');
  const { windowDays, days, requestsADay, users, pollingRequestsADay, pollingShare } = graduation;
  for (const words of [
    `of the last ${windowDays} days`,
    `on at least ${days} days`,
    `${requestsADay} requests on a day`,
    `${users} people or machines`,
    `they are ${pollingRequestsADay} a day`,
    `kept for ${usageKeptDays} days`,
  ])
    expect(page).toContain(words);
  expect([pollingShare, page.includes('half of its requests')]).toEqual([0.5, true]);
});
