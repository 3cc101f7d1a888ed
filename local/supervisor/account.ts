import type { Summary } from '#schema/status';

/** Whether every STF that was seen is archived and processed. Nothing seen is nothing done. */
export const isWhole = ({ stfs }: Summary): boolean =>
  stfs.seen > 0 && stfs.archived === stfs.seen && stfs.processed === stfs.seen && stfs.failed === 0;

const span = (ms: number | null): string => (ms === null ? '–' : `${Math.round(ms)} ms`);

/** A summary for a person. */
export const inWords = (summary: Summary): string => {
  const { run, stfs, messages, latencyMs, outputs } = summary;
  return [
    `${run === null ? 'all runs' : `run ${run}`}: ${stfs.seen} STFs seen, ${stfs.archived} archived, ${stfs.processed} processed, ` +
      `${stfs.failed} failed, ${stfs.quarantined} quarantined`,
    `messages: ${messages.seen} seen, ${messages.duplicate} duplicate, ${messages.quarantined} quarantined`,
    `latency from message to registered output: p50 ${span(latencyMs.p50)}, p99 ${span(latencyMs.p99)}`,
    `outputs: ${outputs.length}`,
  ].join('\n');
};
