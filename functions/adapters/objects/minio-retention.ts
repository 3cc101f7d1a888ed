import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import type { Bucket } from './minio-bucket.ts';
import { codeOf } from './minio-errors.ts';

/** How long S3 itself keeps what was put, and whether an administrator may end that early. */
export type Retention = { readonly mode: 'GOVERNANCE' | 'COMPLIANCE'; readonly days: number };

const dayMs = 86_400_000;
const daysPerYear = 365;

const LockConfig = z.object({
  mode: z.enum(['GOVERNANCE', 'COMPLIANCE']),
  validity: z.coerce.number().int().min(1),
  unit: z.enum(['Days', 'Years']),
});

/** For how long a bucket locks each new version, whoever puts it. @throws store-unavailable if it does not */
export const retentionOf = async (bucket: Bucket): Promise<Retention> => {
  const found = await bucket
    .ask(async (client): Promise<unknown> => client.getObjectLockConfig(bucket.name))
    .catch((thrown: unknown): undefined => {
      if (codeOf(thrown) !== 'ObjectLockConfigurationNotFoundError') throw thrown;
    });
  const config = LockConfig.safeParse(found);
  if (!config.success) throw new PapilioError('store-unavailable', `bucket ${bucket.name} does not lock what is put`);
  const { mode, validity, unit } = config.data;
  return { mode, days: unit === 'Years' ? validity * daysPerYear : validity };
};

/** Locks of S3 on versions of objects; `query` names the version. */
export const createRetention = (bucket: Bucket, { mode, days }: Retention, nowMs: () => number) => {
  const untilMs = (): number => nowMs() + days * dayMs;

  const extend = async (key: string, query: Record<string, string>): Promise<void> => {
    const at = new Date(untilMs()).toISOString();
    const body = `<Retention><Mode>${mode}</Mode><RetainUntilDate>${at}</RetainUntilDate></Retention>`;
    const md5 = createHash('md5').update(body).digest('base64');
    const headers = { 'content-md5': md5 };
    await bucket.call({ method: 'PUT', key, query: { retention: '', ...query }, headers, body }, buffer);
  };

  /** Until when S3 keeps a version; 0 if it is not locked. */
  const keptUntilMs = async (key: string, query: Record<string, string>): Promise<number> => {
    const until = await bucket.call({ method: 'HEAD', key, query }, (answer) =>
      String(answer.headers['x-amz-object-lock-retain-until-date'] ?? ''),
    );
    return until === '' ? 0 : Date.parse(until);
  };

  /** Locks a version for the whole time from now on, unless it is within a day of that. */
  const protect = async (key: string, query: Record<string, string>): Promise<void> => {
    if ((await keptUntilMs(key, query)) < untilMs() - dayMs) await extend(key, query);
  };

  return { protect };
};
