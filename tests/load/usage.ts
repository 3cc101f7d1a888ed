import { readFileSync } from 'node:fs';

/** What a process has used: CPU time since its start, its ended children's with it, and the memory that it holds. */
export type Usage = { readonly cpuS: number; readonly residentMb: number };
export type Sample = Readonly<Record<string, Usage>>;

/** Linux counts in hundredths of a second and pages of 4 kB on every machine that papilio is measured on. */
const ticksPerS = 100;
const pageBytes = 4_096;
const sampleEveryMs = 1_000;
/** Places in /proc/PID/stat after the name: user, system, and both of the children that ended. */
const cpuFields = [11, 15] as const;
const residentField = 21;

/** Fields of /proc/PID/stat after the name. */
const statOf = (pid: number): string[] => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
};

/** CPU time of a process that runs, without that of its children. */
export const ownCpuMsOf = (pid: number): number => {
  const [user, system] = statOf(pid).slice(...cpuFields);
  return ((Number(user) + Number(system)) / ticksPerS) * 1000;
};

const usageOf = (pid: number): Usage | undefined => {
  try {
    const fields = statOf(pid);
    const ticks = fields.slice(...cpuFields).reduce((sum, field) => sum + Number(field), 0);
    return { cpuS: ticks / ticksPerS, residentMb: (Number(fields[residentField]) * pageBytes) / 1e6 };
  } catch {
    return undefined;
  }
};

/** Looks at processes once a second until it is stopped. */
export const watchUsage = (pids: Readonly<Record<string, () => number | undefined>>) => {
  const samples: Sample[] = [];
  const look = (): void => {
    const found = Object.entries(pids).flatMap(([name, pid]) => {
      const usage = usageOf(pid() ?? 0);
      return usage === undefined ? [] : [[name, usage] as const];
    });
    samples.push(Object.fromEntries(found));
  };
  look();
  const timer = setInterval(look, sampleEveryMs);
  return (): readonly Sample[] => {
    clearInterval(timer);
    look();
    return samples;
  };
};
