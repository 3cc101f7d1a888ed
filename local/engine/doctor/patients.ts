import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import type { Clock } from '#ports/clock';
import type { Disk } from '#ports/disk';
import type { EngineReport } from '#schema/engine-report';
import { hasCode, probeWrite, stateOnError } from '../disk.ts';
import type { EngineStats } from '../engine.ts';
import { openJournalReader } from '../journal-reader.ts';
import { AwsError, type Journal } from '../part.ts';
import { createParts, folding, type Identity, type Parts } from '../parts.ts';
import type { Call } from '../protocol.ts';
import { segmentPath } from '../segment.ts';
import type { Patient } from './doctor.ts';
import { inspectJournal, type JournalReport } from './journal-report.ts';

type State = EngineReport['journal']['state'];

const callOf =
  (parts: Parts): Call =>
  async (service, operation, input, signal) => {
    const run = parts[service].operations[operation];
    if (run === undefined) throw new AwsError('UnknownOperationException', `${operation} is no operation`);
    return run(input, signal);
  };

/** What a disk answers to a small write in the journal's folder now, where it refuses. */
export const refusalOf = async (disk: Disk, folder: string): Promise<Error | undefined> => {
  try {
    await probeWrite(disk, folder);
    await disk.remove(`${folder}/probe`);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
};

/** A folder that lies on a read-only disk; one that another user owns may well be writable for that user. */
const readOnlyRefusal = async (folder: string): Promise<Error | undefined> => {
  try {
    await access(folder, constants.W_OK);
    return undefined;
  } catch (error) {
    return error instanceof Error && hasCode(error, 'EROFS') ? error : undefined;
  }
};

/** State of a journal whose disk may refuse writes: damage comes first. */
const stateOf = (known: State, refusal: Error | undefined): State =>
  refusal === undefined || known !== 'ok' ? known : stateOnError(refusal);

/** An engine that serves, as it knows itself; `refusal`: its disk refused a write just now. */
export const servingPatient = (
  { folder, clock, parts }: { readonly folder: string; readonly clock: Clock; readonly parts: Parts },
  stats: EngineStats,
  refusal?: Error,
): Patient => {
  const { journal, compaction, account, executions, queues } = stats;
  return {
    from: 'serving',
    folder,
    account,
    journal: {
      state: stateOf(journal.state, refusal),
      sizeBytes: journal.sizeBytes,
      segments: journal.segments,
      snapshot: compaction.snapshot,
      unfoldedBytes: journal.unfoldedBytes,
      files: [],
    },
    executions,
    queues,
    problems: [],
    compactionFailure: compaction.failure,
    journalError: journal.state === 'ok' ? refusal?.message : journal.error,
    call: callOf(parts),
    survey: parts.sfn.survey,
    nowMs: () => clock.nowMs(),
  };
};

const journalOf = (report: JournalReport, state: State): EngineReport['journal'] => {
  const numberOf = (name: string): number => Number(/^journal-(\d+)\.log$/.exec(name)?.[1] ?? 0);
  const segments = report.files.filter(({ name }) => numberOf(name) > 0);
  const sum = (files: JournalReport['files']): number => files.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0);
  return {
    state,
    sizeBytes: sum(segments),
    segments: segments.length,
    snapshot: report.snapshot,
    unfoldedBytes: sum(segments.filter(({ name }) => numberOf(name) >= report.snapshot)),
    files: [...report.files],
  };
};

/** What lies in a folder, all of it read by its checksums and folded as far as it is whole; nothing is changed. */
export async function folderPatient(options: {
  readonly disk: Disk;
  readonly folder: string;
  readonly clock: Clock;
  readonly identity: Identity;
}): Promise<Patient & { readonly close: () => Promise<void> }> {
  const { disk, folder, clock, identity } = options;
  const reader = openJournalReader(disk, folder);
  const refuse = () => {
    throw new Error('nothing is written into a folder that is only looked at');
  };
  const journal: Journal = { append: refuse, synced: async () => undefined, read: reader.read, isHeld: () => false };
  const parts = createParts({ identity, journal, clock, invoke: refuse, sendMessage: refuse, callService: refuse });
  const report = await inspectJournal(disk, folder, folding(parts));
  const noFiles = { file: segmentPath(folder, 1), offsetBytes: 0, what: `${folder} holds no journal` };
  const problems = report.files.length === 0 ? [noFiles, ...report.problems] : report.problems;
  const refusal = await readOnlyRefusal(folder);
  return {
    from: 'folder',
    folder,
    account: identity.account,
    journal: journalOf(report, stateOf(problems.length === 0 ? 'ok' : 'damaged', refusal)),
    executions: parts.sfn.stats(),
    queues: parts.sqs.depths(),
    problems,
    journalError: refusal?.message,
    call: callOf(parts),
    survey: parts.sfn.survey,
    nowMs: () => clock.nowMs(),
    close: async () => {
      await reader.close();
    },
  };
}
