import { resolve } from 'node:path';
import type { Config } from '#lib/config';
import { cloud, embedded } from '#lib/deps';
import { PapilioError } from '#lib/errors';
import { nodeDisk } from '#lib/node-disk';
import { systemClock } from '#lib/system-clock';
import type { Anchor } from '#ports/anchor';

const openBucket = async (address: URL, config: Config): Promise<Anchor> => {
  const [bucket = '', ...folders] = address.pathname.split('/').filter((part) => part !== '');
  const { PAPILIO_ANCHOR_ACCESS_KEY_ID: accessKeyId, PAPILIO_ANCHOR_SECRET_ACCESS_KEY: secretAccessKey } = config;
  if (bucket === '' || address.username !== '')
    throw new PapilioError(
      'config-invalid',
      `PAPILIO_ANCHOR: ${address.origin} names no bucket: use https://host/bucket/prefix, without credentials`,
    );
  if (accessKeyId === undefined || secretAccessKey === undefined)
    throw new PapilioError(
      'config-invalid',
      'PAPILIO_ANCHOR is a bucket: set PAPILIO_ANCHOR_ACCESS_KEY_ID and PAPILIO_ANCHOR_SECRET_ACCESS_KEY too',
    );
  const open = await cloud.bucketAnchor();
  return open({
    ...{
      name: `${address.origin}${address.pathname}`,
      bucket,
      endpoint: address.origin,
      region: config.PAPILIO_REGION,
    },
    prefix: folders.map((folder) => `${folder}/`).join(''),
    credentials: { accessKeyId, secretAccessKey },
    ...{ disk: nodeDisk, nowMs: systemClock.nowMs, tries: 3 },
  });
};

/** Opens an anchor by its address: a path, or `http(s)://host/bucket/prefix`. @throws config-invalid */
export const openAnchor = async (address: string, config: Config): Promise<Anchor> => {
  if (/^https?:\/\//.test(address) && URL.canParse(address)) return openBucket(new URL(address), config);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(address))
    throw new PapilioError(
      'config-invalid',
      `PAPILIO_ANCHOR: ${address} is neither a path nor the address of a bucket`,
    );
  return (await embedded.fileAnchor())(resolve(address));
};
