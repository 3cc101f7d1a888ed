import type { SFNClient } from '@aws-sdk/client-sfn';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Config } from '#lib/config';
import type { AwsAccess } from '#lib/deps';
import type { Log } from '#lib/log';
import type { Seal } from '#lib/seal';
import type { Clock } from '#ports/clock';
import type { EventLog } from '#ports/event-log';
import type { Objects } from '#ports/objects';
import type { Store } from '#ports/store';
import type { PlaneReport } from '#schema/status';
import type { CatalogEntry, Plane } from '../../functions/catalog.ts';
import type { Pages } from '../engine/pages.ts';
import type { InvokeFunction } from '../engine/part.ts';
import type { Call as EngineCall } from '../engine/protocol.ts';
import type { JournalSign } from './disk-watch.ts';
import type { Call } from './functions.ts';

/** What of a plane's report its place knows. */
export type PlaceReport = Pick<
  PlaneReport,
  'runningExecutions' | 'eventsWaiting' | 'queues' | 'servicesAway' | 'health' | 'store'
>;

/** What answers AWS's protocol, and browsers, at a plane's socket. */
export type Engineering = { readonly call: EngineCall; readonly pages: Pages };

/** Where a plane works: what keeps its records and objects, and what runs its queues and state machines. */
export type Place = {
  readonly store: Store;
  readonly log: EventLog;
  readonly archive: Objects;
  readonly outputs: Objects;
  /** How functions reach queues and state machines. */
  readonly aws: AwsAccess;
  readonly sfn: SFNClient;
  readonly sqs: SQSClient;
  /** The client for a queue that the plane reads: the inboxes lie under the archive plane's account. */
  readonly sqsFor: (queue: string) => SQSClient;
  readonly queueUrl: (queue: string, plane: Plane) => string;
  /** What shows that a message is papilio's own, where others can send to the queues. */
  readonly seal?: Seal;
  readonly engineering: Engineering;
  /** How the plane's queues and schedules call a function, given how it is called in the plane's own process. */
  readonly callFor: (inPlane: Call) => Call;
  /** From now on state machines that call a function are told to try again later. */
  readonly refuseCalls: () => void;
  /** Looks from now on whether the place has lost what it should keep, or somebody has changed it, and then heals; returns what ends the looking. */
  readonly watch: (heal: () => Promise<void>, isChanged: () => Promise<boolean>) => Promise<() => Promise<void>>;
  /** Whether the journal of its own engine can write; absent on a stack. */
  readonly journal?: JournalSign;
  /** Counted after it was asked for. */
  readonly report: () => Promise<PlaceReport>;
  readonly close: () => Promise<void>;
};

/** What a place is opened with. */
export type PlaceOptions = {
  readonly plane: Plane;
  readonly catalog: Readonly<Record<string, CatalogEntry>>;
  readonly machines: Readonly<Record<string, Plane>>;
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  /** Runs a function of this plane for a state machine. */
  readonly invoke: InvokeFunction;
};
