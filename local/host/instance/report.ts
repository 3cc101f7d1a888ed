import { readFileSync } from 'node:fs';
import type { InvocationReport } from '../runner.ts';

const pageBytes = 4096;

/** What a process holds now, in MiB; 0 where the system does not tell. */
export const residentMb = (pid: number): number => {
  try {
    return (Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * pageBytes) / 2 ** 20;
  } catch {
    return 0;
  }
};

/** Lambda's last line about an invocation. */
export const reportLine = (requestId: string, report: InvocationReport, errorType?: string): string => {
  const { durationMs, initMs, memoryMb, maxMemoryMb } = report;
  const fields = [
    `REPORT RequestId: ${requestId}`,
    `Duration: ${durationMs.toFixed(2)} ms`,
    `Billed Duration: ${Math.ceil(durationMs + (initMs ?? 0))} ms`,
    `Memory Size: ${memoryMb} MB`,
    `Max Memory Used: ${maxMemoryMb} MB`,
    ...(initMs === undefined ? [] : [`Init Duration: ${initMs.toFixed(2)} ms`]),
    ...(errorType === undefined ? [] : ['Status: error', `Error Type: ${errorType}`]),
  ];
  return `${fields.join('\t')}\t`;
};
