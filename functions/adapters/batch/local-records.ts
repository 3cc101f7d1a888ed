import { constants } from 'node:os';
import * as z from 'zod';
import { type AttemptEnd, Payload, Resources } from '#schema/job';

/** The intent of an attempt, as `job.json` keeps it: written and synced before anything starts, never changed after. */
export const JobRecord = z.object({
  attemptId: z.string(),
  jobId: z.string(),
  /** Place in the queue: lower starts first. */
  order: z.int(),
  /** As it was handed over: a command that cannot run is an attempt that failed. */
  payload: Payload.extend({ command: z.array(z.string()) }),
  resources: Resources,
});
export type JobRecord = z.infer<typeof JobRecord>;

/** How the payload's process ended; no status: nobody knows. Written by the wrapper, or by papilio in its place. */
export const ExitRecord = z.object({
  status: z.int().min(0).max(255).optional(),
  signalled: z.boolean().optional(),
  reason: z.string().optional(),
});
export type ExitRecord = z.infer<typeof ExitRecord>;

/** Why papilio ended a payload; written before the signal is sent. */
export const KillRecord = z.object({ outcome: z.enum(['timeout', 'memory', 'disk', 'cancelled']), reason: z.string() });
export type KillRecord = z.infer<typeof KillRecord>;

/** All that a folder holds about an end. `exit` undefined: it was torn and cannot be read. */
export type EndFacts = {
  readonly exit: ExitRecord | undefined;
  readonly kill: KillRecord | undefined;
  readonly command: readonly string[];
  readonly startedMs: number | undefined;
  readonly endedMs: number;
  /** What the shell's `times` wrote. */
  readonly usage: string;
  readonly memoryPeakMb: number | undefined;
};

const signalNames = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

/** Status of a shell for a payload that ended by a signal is this plus the signal's number. */
const signalBase = 128;
/** The two deaths of which a shell says nothing: SIGINT and SIGPIPE. */
const silentStatuses: ReadonlySet<number> = new Set([signalBase + 2, signalBase + 13]);

const signalOf = (exit: ExitRecord): string | undefined => {
  const status = exit.status ?? 0;
  if (exit.signalled !== true && !silentStatuses.has(status)) return undefined;
  return signalNames.get(status - signalBase) ?? `SIG${status - signalBase}`;
};

const seconds = (text: string): number | undefined => {
  // `0m0.012s`, or with a comma where the payload's environment names such a locale.
  const [, minutes, rest] = /^(\d+)m(\d+[.,]\d+)s$/.exec(text) ?? [];
  if (minutes === undefined || rest === undefined) return undefined;
  return Math.round((Number(minutes) * 60 + Number(rest.replace(',', '.'))) * 1e6) / 1e6;
};

/** CPU time of a wrapper's children: the second line of `times`, user then system. */
export const cpuOf = (usage: string): Pick<AttemptEnd, 'cpuUserS' | 'cpuSystemS'> => {
  const [user = '', system = ''] = (usage.split('\n')[1] ?? '').trim().split(/\s+/);
  const cpuUserS = seconds(user);
  const cpuSystemS = seconds(system);
  return { ...(cpuUserS !== undefined && { cpuUserS }), ...(cpuSystemS !== undefined && { cpuSystemS }) };
};

type Verdict = Pick<AttemptEnd, 'outcome' | 'exitCode' | 'signal' | 'reason'>;

const cannotStart: Readonly<Record<number, string>> = {
  126: 'cannot be executed',
  127: 'was not found',
};

const failure = (exitCode: number, facts: EndFacts): Verdict => {
  const found = cannotStart[exitCode];
  const ended = `the payload ended with exit code ${exitCode}`;
  const reason =
    found === undefined ? ended : `${ended}, as when its command ${JSON.stringify(facts.command[0] ?? '')} ${found}`;
  return { outcome: 'failed', exitCode, reason: facts.exit?.reason ?? reason };
};

const natural = (exit: ExitRecord, facts: EndFacts): Verdict => {
  if (exit.status === undefined) return { outcome: 'lost', reason: exit.reason ?? 'the payload left no exit record' };
  const signal = signalOf(exit);
  if (signal === 'SIGXFSZ') return { outcome: 'disk', signal, reason: 'a file grew over the disk limit (SIGXFSZ)' };
  if (signal !== undefined) return { outcome: 'killed', signal, reason: `the payload was ended by ${signal}` };
  return exit.status === 0 ? { outcome: 'succeeded', exitCode: 0 } : failure(exit.status, facts);
};

const verdict = (facts: EndFacts): Verdict => {
  const { exit, kill } = facts;
  if (exit === undefined) return { outcome: 'lost', reason: 'the exit record cannot be read' };
  if (kill === undefined) return natural(exit, facts);
  const signal = signalOf(exit);
  if (exit.status === undefined) return { outcome: kill.outcome, reason: kill.reason };
  return {
    outcome: kill.outcome,
    reason: kill.reason,
    ...(signal === undefined ? { exitCode: exit.status } : { signal }),
  };
};

/** How an attempt ended, from what its folder holds; the same facts always give the same end. */
export const endOf = (facts: EndFacts): AttemptEnd => ({
  ...verdict(facts),
  ...(facts.startedMs !== undefined && { startedAt: new Date(facts.startedMs).toISOString() }),
  endedAt: new Date(facts.endedMs).toISOString(),
  ...cpuOf(facts.usage),
  ...(facts.memoryPeakMb !== undefined && { memoryPeakMb: facts.memoryPeakMb }),
});
