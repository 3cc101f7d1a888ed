import { expect, test } from 'vitest';
import { catalog } from '../../../../functions/catalog.ts';
import { feedsOf, queuesOf } from '../../../../local/plane/queues.ts';

test('both inboxes lie with the archive plane, so that a stopped work plane holds up nobody', () => {
  expect(queuesOf('archive', catalog, ['local'])).toEqual(expect.arrayContaining(['archive-inbox', 'work-inbox']));
  expect(queuesOf('work', catalog, ['local'])).not.toContain('work-inbox');
});

test('the work plane still reads its inbox', () => {
  expect(feedsOf('work', catalog, ['local']).map((feed) => feed.queue)).toContain('work-inbox');
});

test('a function of each facility has a queue of each facility', () => {
  const feeds = feedsOf('work', catalog, ['local', 'perlmutter']).filter(
    (feed) => feed.functionName === 'submit-bundle',
  );
  expect(feeds.map(({ queue, facility }) => [queue, facility])).toEqual([
    ['facility-local', 'local'],
    ['facility-perlmutter', 'perlmutter'],
  ]);
});
