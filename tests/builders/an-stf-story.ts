import type { PlaneRecords } from '../../functions/api/surroundings.ts';
import type { Plane } from '../../functions/catalog.ts';
import type { Change } from '../../functions/lib/change.ts';
import { change, commit } from '../../functions/lib/change.ts';
import { readConfig } from '../../functions/lib/config.ts';
import { createIds } from '../../functions/lib/ids.ts';
import { stfKey } from '../../functions/lib/model/ids.ts';
import {
  commands,
  explains,
  jobs,
  messages,
  outputs,
  quarantines,
  replicas,
  runs,
  stfRuns,
  stfs,
  timelines,
} from '../../functions/lib/records.ts';
import type { Command } from '../../functions/lib/schema/command.ts';
import type { Job } from '../../functions/lib/schema/job.ts';
import type { Output } from '../../functions/lib/schema/output.ts';
import type { Stf } from '../../functions/lib/schema/stf.ts';

/** Moments of an STF's way, in milliseconds after its message. */
export const hops = {
  received: 1,
  archived: 40,
  catalogued: 10,
  assigned: 14,
  submitted: 20,
  settled: 120,
  processed: 130,
} as const;

const startMs = Date.UTC(2026, 0, 1, 12);
const at = (ms: number): string => new Date(startMs + ms).toISOString();
const ids = createIds('prod', 'bnl', 1);

const config = readConfig({ PAPILIO_INSTANCE: 'prod', PAPILIO_BUILD: 'test' });
/** The part of a function's surroundings that stamps an event. */
const depsAt = (plane: Plane, ms: number) => ({ plane, now: () => at(ms), config });

/** Which STF of which run, and when its message came. */
export type StfStory = { readonly run: number; readonly sequence: number; readonly receivedMs: number };

/** Ids of the records in a story. */
export const idsOf = ({ run, sequence }: Pick<StfStory, 'run' | 'sequence'>) => {
  const name = stfKey(run, sequence);
  const jobId = ids.job(`${name}-p1`);
  const hash = `${run}`.padStart(16, '0') + `${sequence}`.padStart(16, '0');
  return {
    runId: ids.run(run),
    stfId: ids.stf(run, sequence),
    messageId: ids.message(hash),
    quarantineId: ids.of('quarantine', hash),
    jobId,
    attemptId: ids.attempt(jobId, 1),
    outputId: ids.output(`${name}-p1-hits`),
    fileName: `swf.${run}.${String(sequence).padStart(6, '0')}.stf`,
  };
};

const write = async ({ store }: PlaneRecords, changes: readonly Change[]): Promise<void> => commit({ store }, changes);

/** The archive plane's side: message and replica. */
export const archiveStf = async (records: PlaneRecords, story: StfStory): Promise<void> => {
  const { run, sequence, receivedMs } = story;
  const { runId, stfId, messageId, fileName } = idsOf(story);
  const receivedAt = at(receivedMs);
  const message = { id: messageId, type: 'stf_gen', runId, stfId, receivedAt, seen: 1, sendings: ['one'] };
  const replica = {
    stfId,
    runId,
    sequence,
    name: fileName,
    objectKey: `${run}/${fileName}`,
    sizeBytes: 1_000_000,
    checksumAdler32: '0a0b0c0d',
    checksumCrc32c: '01020304',
    messageId,
    receivedAt,
    archivedAt: at(receivedMs + hops.archived),
  };
  await write(records, [
    change(depsAt('archive', receivedMs + hops.received), messageId, messages.put(messageId, message, 0), {
      type: 'message.received',
      by: 'accept-message',
      data: { type: 'stf_gen', runId, stfId, receivedAt, dialect: 'runner' },
    }),
  ]);
  await write(records, [
    change(depsAt('archive', receivedMs + hops.archived), stfId, replicas.put(stfId, replica, 0), {
      type: 'stf.archived',
      cause: messageId,
      by: 'archive-stf',
      data: { run, ...replica },
    }),
  ]);
};

const resources = { cores: 1, memoryMb: 512, diskMb: 100, timeoutS: 60 };

/** The work plane's side, up to its output. */
export const processStf = async (records: PlaneRecords, story: StfStory): Promise<void> => {
  const { run, sequence, receivedMs } = story;
  const { runId, stfId, messageId, jobId, attemptId, outputId, fileName } = idsOf(story);
  await stfRuns.putMany(records.store, [[runId, { runId, run }]]);
  const receivedAt = at(receivedMs);
  const deps = (hop: keyof typeof hops) => depsAt('work', receivedMs + hops[hop]);
  const stf: Stf = {
    id: stfId,
    runId,
    run,
    sequence,
    name: fileName,
    tfFirst: '1000',
    tfEnd: '2000',
    bxFirst: '65536000',
    bxEnd: '131072000',
    state: 'run',
    substate: 'physics',
    stampedAt: receivedAt,
    receivedAt,
    messageId,
    processing: 'waiting',
    pass: 1,
    jobId,
  };
  const job: Job = {
    id: jobId,
    runId,
    stfId,
    task: 'stf-hits',
    state: 'waiting',
    resources,
    attempts: [],
    createdAt: at(receivedMs + hops.catalogued),
  };
  await write(records, [
    change(deps('catalogued'), stfId, stfs.put(stfId, stf, 0), {
      type: 'stf.catalogued',
      cause: messageId,
      by: 'catalogue-stf',
      data: { ...stf },
    }),
    change(deps('catalogued'), jobId, jobs.put(jobId, job, 0), {
      type: 'job.created',
      by: 'catalogue-stf',
      data: { run, stfId, task: job.task },
    }),
  ]);
  const attempt = {
    id: attemptId,
    number: 1,
    bundleId: attemptId.replace('_attempt_', '_bundle_'),
    facility: 'local',
    queue: 'default',
    state: 'settled' as const,
    submittingAt: at(receivedMs + hops.assigned),
    submittedAt: at(receivedMs + hops.submitted),
    handle: '4711@99',
    end: {
      outcome: 'succeeded' as const,
      exitCode: 0,
      endedAt: at(receivedMs + hops.settled),
      cpuUserS: 0.1,
      cpuSystemS: 0.01,
      memoryPeakMb: 50,
    },
  };
  const steps = [
    { hop: 'assigned', state: 'assigned', data: { facility: 'local', queue: 'default' } },
    { hop: 'submitted', state: 'submitted', data: { attemptId, handle: '4711@99' } },
    { hop: 'settled', state: 'succeeded', data: { attemptId, outcome: 'succeeded', exitCode: 0 } },
  ] as const;
  for (const [index, { hop, state, data }] of steps.entries()) {
    const doc: Job = { ...job, state, attempts: [attempt], settledAt: at(receivedMs + hops.settled) };
    await write(records, [
      change(deps(hop), jobId, jobs.put(jobId, doc, index + 1), { type: `job.${hop}`, by: hop, data }),
    ]);
  }
  const considered = [
    { facility: 'local', queue: 'default', isEligible: true, score: 1, factors: { freeShare: 1 } },
    {
      facility: 'far',
      queue: 'gpu',
      isEligible: false,
      score: 0,
      factors: {},
      reason: 'no slot is free',
      wouldNeed: 'a free slot',
    },
  ];
  const explain = { jobId, attempt: 1, decidedAt: at(receivedMs + hops.assigned), chosen: 'local/default', considered };
  await commit({ store: records.store }, [], [explains.put(attemptId, explain, 0)]);
  const output: Output = {
    id: outputId,
    runId,
    stfId,
    pass: 1,
    name: `${outputId}.json`,
    objectKey: `${runId}/${outputId}.json`,
    sizeBytes: 1892,
    checksumAdler32: 'e18b9328',
    checksumCrc32c: '01020304',
    registeredAt: at(receivedMs + hops.processed),
    provenance: {
      inputs: [{ id: stfId, name: fileName }],
      inputCount: 1,
      payload: { name: 'stf-hits' },
      jobId,
      attemptId,
      facility: 'local',
      executionId: ids.exec(`stf-${stfKey(run, sequence)}-p1`),
      build: 'test',
    },
  };
  const { provenance: _, ...facts } = output;
  const settled: Stf = { ...stf, processing: 'processed', outputId, settledAt: at(receivedMs + hops.processed) };
  await write(records, [
    change(deps('processed'), outputId, outputs.put(outputId, output, 0), {
      type: 'output.registered',
      by: 'register-outputs',
      data: { run, ...facts, jobId },
    }),
    change(deps('processed'), stfId, stfs.put(stfId, settled, 1), {
      type: 'stf.processed',
      cause: outputId,
      by: 'register-outputs',
      data: { run, sequence, receivedAt, outputId },
    }),
  ]);
};

/** A run in physics, with the timeline that made it so. */
export const tellRun = async (records: PlaneRecords, run: number): Promise<void> => {
  const runId = ids.run(run);
  const pair = { state: 'run', substate: 'physics' } as const;
  const step = {
    messageId: ids.message('start'),
    type: 'start_run',
    stampedAt: at(0),
    order: 1,
    receivedAt: at(0),
    raw: '{"secret":"raw bytes"}',
    pair,
    to: pair,
    isLegal: true,
  } as const;
  const doc = { id: runId, run, phase: 'physics' as const, pair, startedAt: at(0), totalStfs: 2 };
  await commit(
    { store: records.store },
    [
      change(depsAt('work', 0), runId, runs.put(runId, doc, 0), {
        type: 'run.changed',
        by: 'accept-daq-message',
        data: { run, phase: 'physics', ...pair },
      }),
    ],
    [timelines.put(runId, { runId, steps: [step] }, 0)],
  );
};

/** A plane holds an STF's message for breaking a rule. */
export const quarantineStf = async (records: PlaneRecords, plane: Plane, story: StfStory): Promise<void> => {
  const { run, receivedMs } = story;
  const { messageId, quarantineId, stfId } = idsOf(story);
  const problem = { code: 'stf-corrupt', reason: `${idsOf(story).fileName}: adler32 differs` };
  const doc = {
    id: quarantineId,
    messageId,
    problem,
    raw: '{"msg_type":"stf_gen"}',
    receivedAt: at(receivedMs),
    quarantinedAt: at(receivedMs + 50),
    state: 'held' as const,
  };
  await write(records, [
    change(depsAt(plane, receivedMs + 50), quarantineId, quarantines.put(quarantineId, doc, 0), {
      type: 'message.quarantined',
      cause: messageId,
      by: 'quarantine-message',
      data: { messageId, ...problem, run, stfId },
    }),
  ]);
};

/** Lets a plane say that a command is done. */
export const endCommand = async (records: PlaneRecords, plane: Plane, command: Command): Promise<void> => {
  const doc = { ...command, state: 'done' as const, endedAt: at(0) };
  const fact = { type: 'command.done', cause: command.id, by: 'settle-message', data: {} };
  await write(records, [change(depsAt(plane, 0), command.id, commands.put(command.id, doc, 0), fact)]);
};
