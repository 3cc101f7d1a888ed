import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import { AuditReport } from '#schema/audit-report';
import { exit } from './failure.ts';
import { localProgram } from './local-program.ts';
import { harmless } from './words.ts';

/** What is verified. */
export type VerifyLook = {
  readonly data: string;
  readonly anchor: string | undefined;
  readonly signal: AbortSignal;
  /** Receives a line now and then on how far a long verification has come. */
  readonly onProgress: (line: string) => void;
};

/** Why nothing was verified: a store or an anchor cannot be read. */
export class NotVerified extends Error {}

const Failure = z.object({ code: z.string(), reason: z.string() });

const reasonIn = (said: string): string => {
  try {
    return Failure.parse(JSON.parse(said)).reason;
  } catch {
    return said.trim();
  }
};

/** Has papilio's own program verify the audit logs of a folder: a client opens no stores. @throws NotVerified */
export const verifyAudit = async ({ data, anchor, signal, onProgress }: VerifyLook): Promise<AuditReport[]> => {
  const program = localProgram('audit.ts');
  if (program === undefined) throw new NotVerified('the program that reads a data folder is not here');
  const words = [program.path, '--data', data, ...(anchor === undefined ? [] : ['--anchor', anchor])];
  const child = spawn(program.node, words, { stdio: ['ignore', 'pipe', 'pipe'], signal });
  child.on('error', () => undefined);
  const said: string[] = [];
  const listen = async (): Promise<void> => {
    for await (const line of createInterface({ input: child.stderr })) {
      const progress = /^progress (.*)$/.exec(line)?.[1];
      if (progress === undefined) said.push(line);
      else onProgress(progress);
    }
  };
  const [out] = await Promise.all([text(child.stdout), listen()]);
  signal.throwIfAborted();
  if (out === '') throw new NotVerified(reasonIn(said.join('\n')));
  return z.array(AuditReport).parse(JSON.parse(out));
};

const againstAnchor: ReadonlySet<string> = new Set(['cut', 'rewritten', 'anchor']);

/** 0: no fault; 1: the folder contradicts itself; 5: it contradicts the anchor, or the anchor itself. */
export const verifyExit = (reports: readonly AuditReport[]): number => {
  const faults = reports.flatMap((report) => report.faults);
  if (faults.length === 0) return exit.ok;
  return faults.some(({ kind }) => againstAnchor.has(kind)) ? exit.conflict : exit.failed;
};

const anchorWords = ({ anchor }: AuditReport): string =>
  anchor === undefined
    ? 'no anchor'
    : `${anchor.heads} heads in ${anchor.name}${anchor.at === undefined ? '' : `, the last at event ${anchor.seq} of ${anchor.at}`}`;

/** Faults, and parts of the log that are not wholly covered. */
const remarks = (report: AuditReport): string[] => {
  const { earlierActs, uncovered, coveredFrom, moreFaults } = report;
  return [
    ...report.faults.map(({ kind, what }) => `  ✗ ${kind}: ${what}`),
    ...(moreFaults > 0 ? [`  ✗ ${moreFaults} more faults`] : []),
    ...(earlierActs > 0
      ? [
          `  ! ${earlierActs} acts of an earlier version: only who, what, why and outcome are covered; start papilio once`,
        ]
      : []),
    ...(uncovered > 0
      ? [`  ! ${uncovered} lines of an earlier version are covered by no event; start papilio once`]
      : []),
    ...(coveredFrom === undefined ? [] : [`  – lines of earlier versions are covered from event ${coveredFrom} on`]),
    ...report.unseen.map(({ kind, what }) => `  ? cannot see (${kind}): ${what}`),
  ];
};

/** A report as people read it. */
export const verifyLines = (report: AuditReport): string[] => {
  const { plane, events, covers, lines } = report;
  const mark = report.faults.length === 0 ? '✓' : '✗';
  const checked = `${mark} ${plane}: ${events} events chained, ${covers} of them compared with their lines, ${lines} lines looked for, ${anchorWords(report)}`;
  return [checked, ...remarks(report)].map(harmless);
};
