import type { FastifyReply } from 'fastify';
import * as z from 'zod';
import { EventPage } from '#schema/view';
import { answers, linkNext, waitMs } from '../answers.ts';
import { eventFilter } from '../event-filter.ts';
import { listEvents, positionAt } from '../events.ts';
import { PositionText } from '../ids.ts';
import { wholeNumber } from '../lists.ts';
import { wantsStream } from '../live/accept.ts';
import { createLive } from '../live/live.ts';
import { readPosition, startOfLogs } from '../position.ts';
import type { App, Surroundings } from '../surroundings.ts';

const Query = z.object({
  after: PositionText.optional().describe(
    'A position, `a<number>-w<number>`; without it a page begins at the beginning, a stream now',
  ),
  since: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('A moment: without `after`, a page or a stream begins with the events at or after it'),
  limit: wholeNumber(z.number().min(1).max(1000))
    .default(100)
    .describe('Events in a page; a stream has no end; 100 without it'),
  ...eventFilter,
  waitMs,
});

const LastEventId = z.object({
  'last-event-id': PositionText.or(z.literal(''))
    .optional()
    .describe('Position after which a stream goes on; wins over `after`'),
});

const eventAnswers = {
  ...answers(EventPage),
  200: {
    description: 'A page, or for `Accept: text/event-stream` a stream that stays',
    content: {
      'application/json': { schema: EventPage },
      'text/event-stream': { schema: z.unknown().meta({ type: 'string' }) },
    },
  },
} as const;

/** What a stream is answered with: no one on the way shall keep it or hold it back. */
const streamHeaders = { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' } as const;

/** The event logs of both planes, as one: page by page, or live. */
export const addEvents = (app: App, surroundings: Surroundings): void => {
  const { records, feed } = surroundings;
  const live = createLive(surroundings);
  app.addHook('preClose', live.stop);
  app.quotas.push((principal) => ({ name: 'streams', ...live.standingOf(principal) }));

  const startOf = async ({ after, since }: z.output<typeof Query>) => {
    if (after !== undefined) return readPosition(after);
    return since === undefined ? undefined : positionAt(records, since);
  };

  const page = async (query: z.output<typeof Query>, reply: FastifyReply) => {
    const after = (await startOf(query)) ?? startOfLogs;
    await feed.wait(after, query.waitMs);
    const found = await listEvents(records, after, query);
    linkNext(reply, found.next, 'after');
    return found;
  };

  app.get(
    '/v1/events',
    {
      config: { policy: 'event.read' },
      schema: {
        tags: ['events'],
        summary: 'Events of both logs after a position',
        description:
          'Each log keeps its own order; between the logs events stand by time, tied by `cause`. `next` is never absent: asking after it, with `waitMs`, brings what is new. With `Accept: text/event-stream` the events come live, each as a CloudEvent under its position as id; whoever comes back with it in `Last-Event-ID` misses nothing. An event named `reset` says that the position is none of these logs, and where they end.',
        querystring: Query,
        headers: LastEventId,
        response: eventAnswers,
      },
    },
    async ({ method, query, headers, principal }, reply) => {
      void reply.header('vary', 'accept');
      if (!wantsStream(headers.accept)) return page(query, reply);
      void reply.headers(streamHeaders);
      if (method === 'HEAD') return reply.send('');
      const last = headers['last-event-id'];
      return reply.send(await live.open(principal, query, last ? readPosition(last) : await startOf(query)));
    },
  );
};
