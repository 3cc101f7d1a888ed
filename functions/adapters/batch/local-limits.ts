import type { Clock } from '#ports/clock';
import { sampleSessions } from './local-process.ts';
import type { LocalRun } from './local-run.ts';

/** Between two looks at what the running payloads use. */
const sampleMs = 250;

/** A walk through a payload's files waits this long for each entry of the last one, so that it costs about 1 %. */
const diskMsPerEntry = 1;

/** Looks at memory and disk of all that runs, and at who has vanished; sleeps while nothing runs. */
export type Limits = { readonly wake: () => void; readonly close: () => void };

const checkMemory = (run: LocalRun, used: { readonly memoryMb: number; readonly memoryPeakMb: number }): void => {
  run.sampled(used.memoryMb, used.memoryPeakMb);
  const { memoryMb } = run.record.resources;
  if (used.memoryMb <= memoryMb) return;
  run.finish({
    outcome: 'memory',
    reason: `memory of ${Math.ceil(used.memoryMb)} MB is over the limit of ${memoryMb} MB`,
  });
};

const checkDisk = (run: LocalRun): number => {
  const { totalMb, entries } = run.folder.diskUse();
  const { diskMb } = run.record.resources;
  if (totalMb > diskMb)
    run.finish({ outcome: 'disk', reason: `disk use of ${Math.ceil(totalMb)} MB is over the limit of ${diskMb} MB` });
  return entries;
};

/** Starts the one sampler of a local facility. */
export const openLimits = (clock: Clock, running: ReadonlySet<LocalRun>): Limits => {
  const nextDiskMs = new WeakMap<LocalRun, number>();
  let cancelTimer: (() => void) | undefined;

  const checkDiskIfDue = (run: LocalRun) => {
    const nowMs = clock.nowMs();
    if (nowMs < (nextDiskMs.get(run) ?? 0)) return;
    nextDiskMs.set(run, nowMs + checkDisk(run) * diskMsPerEntry);
  };

  const usedBySession = () => {
    const sessions = new Set([...running].flatMap((run) => run.session ?? []));
    const used = new Map<number, { memoryMb: number; memoryPeakMb: number }>();
    for (const sample of sampleSessions(sessions)) {
      const sum = used.get(sample.session) ?? { memoryMb: 0, memoryPeakMb: 0 };
      sum.memoryMb += sample.memoryMb;
      // The peak of one process is seen even if it lay between two samples; peaks of several need not coincide.
      sum.memoryPeakMb = Math.max(sum.memoryPeakMb, sample.memoryPeakMb);
      used.set(sample.session, sum);
    }
    return used;
  };

  const sample = () => {
    cancelTimer = undefined;
    // Who is gone goes first: by the next sample his session's number could be somebody else's.
    for (const run of [...running]) run.look();
    const used = usedBySession();
    for (const run of [...running]) {
      const mine = used.get(run.session ?? 0);
      if (mine !== undefined) checkMemory(run, mine);
      if (!run.hasEnded) checkDiskIfDue(run);
    }
    wake();
  };

  const wake = () => {
    if (running.size === 0 || cancelTimer !== undefined) return;
    cancelTimer = clock.at(clock.nowMs() + sampleMs, sample);
  };

  const close = () => {
    cancelTimer?.();
    cancelTimer = undefined;
  };
  return { wake, close };
};
