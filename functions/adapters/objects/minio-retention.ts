import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { Bucket } from './minio-bucket.ts';

/** How long S3 itself keeps what was put, and whether an administrator may end that early. */
export type Retention = { readonly mode: 'GOVERNANCE' | 'COMPLIANCE'; readonly days: number };

const dayMs = 86_400_000;

/** Locks of S3 on versions of objects; `query` names the version. */
export const createRetention = (bucket: Bucket, { mode, days }: Retention, nowMs: () => number) => {
  const untilMs = (): number => nowMs() + days * dayMs;

  /** Has S3 lock what is put from its first moment on. */
  const headers = (): Record<string, string> => ({
    'x-amz-object-lock-mode': mode,
    'x-amz-object-lock-retain-until-date': new Date(untilMs()).toISOString(),
  });

  const extend = async (key: string, query: Record<string, string>): Promise<void> => {
    const at = new Date(untilMs()).toISOString();
    const body = `<Retention><Mode>${mode}</Mode><RetainUntilDate>${at}</RetainUntilDate></Retention>`;
    const md5 = createHash('md5').update(body).digest('base64');
    const call = {
      method: 'PUT',
      key,
      query: { retention: '', ...query },
      headers: { 'content-md5': md5 },
      body,
    } as const;
    await bucket.call(call, buffer);
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

  return { headers, protect };
};
