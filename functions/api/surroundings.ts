import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Config } from '#lib/config';
import type { Log } from '#lib/log';
import type { Clock } from '#ports/clock';
import type { EventLog } from '#ports/event-log';
import type { Store } from '#ports/store';
import type { Event } from '#schema/event';
import type { PlaneReport } from '#schema/status';
import type { Plane } from '../catalog.ts';
import type { Feed } from './feed.ts';

/** A plane's socket, as the API uses it. Both calls throw `plane-unavailable` when it does not answer. */
export type PlanePeer = {
  /** Events after a position, answered at the next commit, or empty after `waitMs`. */
  readonly log: (
    after: number,
    page: { readonly limit: number; readonly waitMs: number },
    signal?: AbortSignal,
  ) => Promise<{ readonly events: readonly Event[]; readonly head: number }>;
  readonly report: () => Promise<PlaneReport>;
};

/** A plane's records and log, opened to read only. */
export type PlaneRecords = { readonly store: Store; readonly log: EventLog };

/** What an attempt has written, as far as it goes. */
export type LogPart = {
  readonly text: string;
  /** Byte after the last one of `text`: where to go on. */
  readonly endByte: number;
  /** The attempt has ended and this is the end of its log. */
  readonly isFinal: boolean;
};

/** The logs of attempts at the local facility. */
export type JobLogs = {
  /** Waits up to `waitMs` for more if there is nothing after `firstByte` yet. @throws record-missing */
  readonly read: (
    attemptId: string,
    part: { readonly firstByte: number; readonly maxBytes: number; readonly waitMs: number },
  ) => Promise<LogPart>;
};

/** All that the API may reach. It writes nothing. */
export type Surroundings = {
  readonly config: Pick<Config, 'PAPILIO_INSTANCE' | 'PAPILIO_WING' | 'PAPILIO_EPOCH' | 'PAPILIO_BUILD'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly feed: Feed;
  readonly peers: Readonly<Record<Plane, PlanePeer>>;
  /** @throws plane-unavailable as long as the plane has no records to read. */
  readonly records: (plane: Plane) => Promise<PlaneRecords>;
  readonly jobLogs: JobLogs;
  /** Whether a recording is still being played. */
  readonly isReplaying: () => Promise<boolean>;
};

/** The application with its routes' types taken from their zod schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;
