import type { Config } from '#lib/config';
import type { Job } from '#schema/job';
import type { Stf } from '#schema/stf';
import { hitsResources } from './policy.ts';

/** What the configuration may narrow. */
type Settings = Pick<Config, 'PAPILIO_PAYLOAD_TIMEOUT_S' | 'PAPILIO_PAYLOAD_DISK_MB'>;

/** The job that reads an STF in its present pass. */
export const hitsJobOf = (stf: Stf, settings: Settings, createdAt: string): Job => ({
  id: stf.jobId,
  runId: stf.runId,
  stfId: stf.id,
  task: 'stf-hits',
  pass: stf.pass,
  state: 'waiting',
  resources: withLimits(settings),
  attempts: [],
  createdAt,
});

const withLimits = (settings: Settings): Job['resources'] => ({
  ...hitsResources,
  ...(settings.PAPILIO_PAYLOAD_TIMEOUT_S === undefined ? {} : { timeoutS: settings.PAPILIO_PAYLOAD_TIMEOUT_S }),
  ...(settings.PAPILIO_PAYLOAD_DISK_MB === undefined ? {} : { diskMb: settings.PAPILIO_PAYLOAD_DISK_MB }),
});
