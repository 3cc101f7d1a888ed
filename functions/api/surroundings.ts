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
import type { CertificateIdentity } from '#ports/identity';
import type { Objects } from '#ports/objects';
import type { Store } from '#ports/store';
import type { Principal } from '#schema/access';
import type { Command } from '#schema/command';
import type { BrokerView } from '#schema/condition';
import type { Event } from '#schema/event';
import type { ProcessLine } from '#schema/processes';
import type { PlaneReport } from '#schema/status';
import type { FunctionName, Plane } from '../catalog.ts';
import type { Feed } from './feed.ts';
import type { Limits } from './limits.ts';
import type { LivePolicy } from './live/policy.ts';

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

/** A plane's engine, asked by the names of AWS's operations, with their inputs and answers. @throws plane-unavailable */
export type PlaneEngine = (
  operation: string,
  input: object,
) => Promise<{ readonly status: number; readonly body: unknown }>;

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
  /** Waits up to `waitMs` for more if there is nothing after `firstByte` yet. @throws record-missing if nothing is kept of it */
  readonly read: (
    attemptId: string,
    part: { readonly firstByte: number; readonly maxBytes: number; readonly waitMs: number },
  ) => Promise<LogPart>;
};

/** Who carries a command out: the function that reads this queue. */
export type Target = {
  readonly plane: Plane;
  readonly queue: FunctionName;
  /** Of the plane's record, as it was looked at. */
  readonly version?: number;
};

/** How the processes of the instance and its brokers are; absent where no supervisor, or no bridge, reports. */
export type Conditions = {
  readonly processes?: readonly ProcessLine[];
  readonly brokers?: readonly BrokerView[];
};

/** All that the API may reach. It writes nothing: what is to change goes to the plane that owns it. */
export type Surroundings = {
  readonly config: Pick<
    Config,
    | 'PAPILIO_INSTANCE'
    | 'PAPILIO_WING'
    | 'PAPILIO_EPOCH'
    | 'PAPILIO_BUILD'
    | 'PAPILIO_REGION'
    | 'PAPILIO_KEEP_SUCCEEDED_DAYS'
    | 'PAPILIO_KEEP_FAILED_DAYS'
    | 'PAPILIO_TFS_PER_STF'
    | 'PAPILIO_BX_PER_TF'
  >;
  readonly clock: Clock;
  readonly log: Log;
  readonly feed: Feed;
  readonly peers: Readonly<Record<Plane, PlanePeer>>;
  readonly engines: Readonly<Record<Plane, PlaneEngine>>;
  /** @throws plane-unavailable as long as the plane has no records to read. */
  readonly records: (plane: Plane) => Promise<PlaneRecords>;
  readonly jobLogs: JobLogs;
  /** Archived STFs. */
  readonly archive: Pick<Objects, 'readRange'>;
  /** Registered outputs. */
  readonly outputs: Pick<Objects, 'readRange'>;
  /** Largest answer, where answers are given whole; without it they stream. */
  readonly answerMaxBytes?: number;
  /** Sends a command to a queue of a plane; returns when it is durable there. @throws plane-unavailable */
  readonly send: (plane: Plane, queue: FunctionName, command: Command) => Promise<void>;
  /** Sends facts about requests to a function of the work plane; returns when they are durable there. @throws plane-unavailable */
  readonly note: (queue: FunctionName, facts: Readonly<Record<string, unknown>>) => Promise<void>;
  /** Commands that were sent and are not known to have ended, by id. */
  readonly pending: Map<string, { readonly command: Command; readonly targets: readonly Target[] }>;
  /** Whether a token is the administrator's. */
  readonly isAdmin: (token: string) => Promise<boolean>;
  /** Issuers' tokens, if papilio knows issuers. @throws token-refused */
  readonly identity?: { readonly verify: (token: string) => Promise<Principal> };
  /** The TLS front that stands before papilio, if one does: who it is, and who the certificates are that it presents. */
  readonly tlsFront?: {
    readonly isFront: (secret: string) => Promise<boolean>;
    /** @throws certificate-refused */
    readonly verify?: CertificateIdentity['verify'];
  };
  /** Names under which it may be asked, besides those that every machine has for itself. */
  readonly ownNames?: readonly string[];
  /** Only this machine reaches the API: who shows no token is a viewer, unless there is `identity`. */
  readonly isLoopbackOnly: boolean;
  /** Whether a recording is still being played. */
  readonly isReplaying: () => Promise<boolean>;
  /** How processes and brokers are; absent in a composition without a supervisor. */
  readonly conditions?: () => Promise<Conditions>;
  /** What differs from the limits that the front has by default. */
  readonly limits?: Partial<Limits>;
  /** What differs from the policy of live events that the front has by default. */
  readonly live?: Partial<LivePolicy>;
};

/** The application with its routes' types taken from their zod schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;
