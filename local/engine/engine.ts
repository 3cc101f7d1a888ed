import * as z from 'zod';
import { nodeDisk } from '#lib/node-disk';
import { systemClock } from '#lib/system-clock';
import type { Clock } from '#ports/clock';
import type { Disk } from '#ports/disk';
import type { EngineReport } from '#schema/engine-report';
import type { QueueDepth } from '../sqs/queues-part.ts';
import type { Objects } from '../stepfunctions/distributed/objects.ts';
import type { ExecutionNote } from '../stepfunctions/execution-notes.ts';
import type { CallService } from '../stepfunctions/host.ts';
import type { Turn } from '../stepfunctions/model.ts';
import type { Execution } from '../stepfunctions/registry.ts';
import { compact, compactInThread } from './compaction.ts';
import { type CompactionState, createCompactor } from './compactor.ts';
import { type Examination, examine } from './doctor/doctor.ts';
import { refusalOf, servingPatient } from './doctor/patients.ts';
import { createGate } from './gate.ts';
import type { JournalHealth } from './group-commit.ts';
import { type AskingEngine, createIntegrations } from './integrations/integrations.ts';
import { type AskPeer, withPeers } from './integrations/peers.ts';
import { type OpenJournal, openJournal } from './journal.ts';
import { type Holder, lockFolder } from './lock.ts';
import { createEngineMetrics } from './metrics/metrics.ts';
import type { InvokeFunction, Journal, PartName } from './part.ts';
import { createParts, folding, type Identity, type Parts } from './parts.ts';
import type { Call } from './protocol.ts';
import type { Recovery } from './recovery.ts';
import { defaultRetention, type Retention } from './retention.ts';
import type { Segment } from './segment.ts';
import { createTracer, type Tracer, type TracingOptions } from './tracing/tracing.ts';
import { interpreterVersion } from './version.ts';

/** What an engine is opened with; the folder, the account and how functions run are enough. */
export type EngineOptions = {
  readonly folder: string;
  readonly account: string;
  readonly invoke: InvokeFunction;
  readonly region?: string;
  readonly clock?: Clock;
  readonly disk?: Disk;
  readonly queueBaseUrl?: string;
  readonly retention?: Partial<Retention>;
  /** A segment that is larger is sealed. */
  readonly segmentBytes?: number;
  /** Asks the engine of another account, where a state machine addresses one. */
  readonly remote?: AskPeer;
  /** Whether the process that holds the folder's lock still runs; asks the system unless told otherwise. */
  readonly isHeld?: (holder: Holder) => Promise<boolean>;
  /** Stands between the parts and their journal: where tests look whether a snapshot would lose anything. */
  readonly witness?: (journal: Journal, parts: () => Parts) => Journal;
  /** Where distributed Maps read items and write results. */
  readonly objects?: Objects | undefined;
  /** Where it tells what executions did; without it nobody is told. */
  readonly tracing?: TracingOptions | undefined;
  /** Receives the start and end of each execution as it happens; `synced` of the engine makes them durable. */
  readonly onExecution?: ((note: ExecutionNote) => void) | undefined;
  /** Has actions of services done that Task states name; without it there are only this engine's own. */
  readonly services?: ((engine: AskingEngine) => CallService) | undefined;
};

/** How large a journal is; `unfoldedBytes` is what a start reads behind the snapshot. */
type JournalSize = { readonly segments: number; readonly sizeBytes: number; readonly unfoldedBytes: number };

/** What an engine is doing. */
export type EngineStats = {
  readonly account: string;
  readonly queues: Readonly<Record<string, QueueDepth>>;
  readonly executions: { readonly running: number; readonly known: number; readonly timers: number };
  readonly journal: JournalHealth & JournalSize;
  readonly compaction: CompactionState;
  readonly recovery: Recovery & { readonly tookMs: number };
};

/** Step Functions and SQS of one account, durable in one folder. */
export type Engine = {
  readonly call: Call;
  readonly stats: () => EngineStats;
  /** What it has done and how it stands, as Prometheus reads it. */
  readonly metrics: () => Promise<string>;
  /** Whether it is well, and what to do if not. */
  readonly examine: (examination: Examination) => Promise<EngineReport>;
  /** Starts and ends of the executions that it remembers, behind a position of its journal, in order. */
  readonly executionsAfter: (position: number) => readonly ExecutionNote[];
  /** Resolves when everything that happened so far is on the medium. */
  readonly synced: () => Promise<void>;
  readonly close: () => Promise<void>;
};

const defaultSegmentBytes = 64 * 2 ** 20;

/** Opens the engine of a folder: recovers, then serves. @throws FolderInUse, JournalDamaged, JournalOfOtherVersion */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const disk = options.disk ?? nodeDisk;
  await disk.makeFolder(options.folder);
  const unlock = await lockFolder(disk, options.folder, options.isHeld);
  try {
    return await start(options, disk, unlock);
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function timed<T extends object>(act: () => Promise<T>): Promise<T & { readonly tookMs: number }> {
  const startedMs = performance.now();
  const result = await act();
  return { ...result, tookMs: performance.now() - startedMs };
}

async function start(options: EngineOptions, disk: Disk, unlock: () => Promise<void>): Promise<Engine> {
  const { folder, clock = systemClock, segmentBytes = defaultSegmentBytes } = options;
  const identity = identityOf(options);
  const compactor = createCompactor({
    disk,
    folder,
    clock,
    journal: () => journal,
    retention: { ...defaultRetention, ...options.retention },
    snapshot: () => recovery.snapshot,
    compact: compactionOf(options, identity),
  });
  const { onSegment } = compactor;
  const metrics = createEngineMetrics();
  const { onCommit } = metrics;
  const interpreter = interpreterVersion;
  const journal = openJournal({ disk, folder, clock, interpreter, segmentBytes, onSegment, onCommit });
  const parts: Parts = createParts({
    identity,
    journal: options.witness?.(journal, () => parts) ?? journal,
    clock,
    invoke: metrics.timedInvoke(options.invoke),
    sendMessage: (input) => sendMessage(parts, journal, options, input),
    callService: metrics.timedService(servicesOf(options, identity, () => gate.call)),
    observe: (...observed) => {
      metrics.observe(...observed);
      tracer?.observe(...observed);
      noteExecution(options.onExecution, parts, ...observed);
    },
    isTraced: options.tracing !== undefined,
    objects: options.objects,
  });
  const call: Call = (...asked) => gate.call(...asked);
  const tracer = tracerOf(options.tracing, { call, clock, traceOf: parts.sfn.traceOf, note: metrics.note });
  const recovery = await timed(() => journal.recover(folding(parts)));
  // What was in hand may ask the engine itself at once.
  const gate = createGate(journal, parts, metrics.calls);
  parts.sqs.resume();
  parts.sfn.resume();
  const stats = (): EngineStats => ({
    account: identity.account,
    queues: parts.sqs.depths(),
    executions: parts.sfn.stats(),
    journal: { ...journal.health(), ...sizeOf(journal, compactor.state().snapshot) },
    compaction: compactor.state(),
    recovery,
  });
  return {
    call: gate.call,
    stats,
    metrics: async () => metrics.text(stats(), await parts.sfn.survey(), clock.nowMs()),
    executionsAfter: parts.sfn.notesAfter,
    synced: journal.synced,
    examine: async (examination) => {
      const refusal = await refusalOf(disk, folder);
      return examine(servingPatient({ folder, clock, parts }, stats(), refusal), examination);
    },
    close: async () => {
      await tracer?.close();
      if (!gate.close()) return;
      metrics.close();
      parts.sfn.close();
      parts.sqs.close();
      await compactor.close();
      await journal.close();
      await unlock();
    },
  };
}

/** Passes on what a turn started or ended; other turns cost a comparison. */
const noteExecution = (note: EngineOptions['onExecution'], parts: Parts, execution: Execution, { run }: Turn): void => {
  const isFirst = run.turnCount === 1;
  if (note === undefined || !(isFirst || execution.outcome)) return;
  const last = execution.turns.at(-1) ?? 0;
  for (const each of parts.sfn.notesOf(execution, isFirst ? 0 : last - 1)) note(each);
};

/** Services of an engine that is about to open: it is asked when it has. */
const servicesOf = (options: EngineOptions, { account, region }: Identity, call: () => Call): CallService => {
  const { invoke, remote, services = (engine) => createIntegrations({}, engine) } = options;
  return services({ account, region, invoke, call: withPeers((...asked) => call()(...asked), account, remote) });
};

const tracerOf = (
  tracing: TracingOptions | undefined,
  engine: Parameters<typeof createTracer>[1],
): Tracer | undefined => tracing && createTracer(tracing, engine);

const identityOf = (options: EngineOptions): Identity => ({
  account: options.account,
  region: options.region ?? 'us-east-1',
  queueBaseUrl: options.queueBaseUrl ?? 'http://127.0.0.1',
});

/** On the machine's own disk in a thread; on another disk, which a thread could not see, in this one. */
function compactionOf(options: EngineOptions, identity: Identity) {
  const { folder, disk } = options;
  return (segment: number, signal: AbortSignal): Promise<void> => {
    const job = { folder, segment, interpreter: interpreterVersion, identity };
    return disk === undefined ? compactInThread(job, signal) : compact(disk, job);
  };
}

function sizeOf(journal: OpenJournal, snapshot: number): JournalSize {
  const segments = journal.segments();
  const sum = (of: readonly Segment[]): number => of.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0);
  const unfolded = segments.filter(({ number }) => number >= snapshot);
  return { segments: segments.length, sizeBytes: sum(segments), unfoldedBytes: sum(unfolded) };
}

const Addressed = z.looseObject({ QueueUrl: z.string() });

/**
 * Sends for a state machine: to a queue of this engine at once, since its record stands behind the machine's own turn; to
 * a peer's when that turn is durable.
 */
async function sendMessage(
  parts: Parts,
  journal: OpenJournal,
  { account, remote }: EngineOptions,
  input: unknown,
): Promise<object> {
  const [, owner = account] = /\/(\d{12})\/[^/]+$/.exec(Addressed.parse(input).QueueUrl) ?? [];
  const service: PartName = 'sqs';
  if (owner !== account && remote) {
    await journal.synced();
    return remote(owner, service, 'SendMessage', input);
  }
  const send = parts.sqs.operations.SendMessage;
  if (send === undefined) throw new Error('the queues have no SendMessage');
  return send(input);
}
