import { RETENTION_MODES } from 'minio';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { MinioAccess } from '../../functions/adapters/objects/minio-bucket.ts';
import type { Retention } from '../../functions/adapters/objects/minio-retention.ts';
import { cloud } from '../../functions/lib/deps.ts';
import { PapilioError } from '../../functions/lib/errors.ts';
import { nodeDisk } from '../../functions/lib/node-disk.ts';
import type { E1Data } from '../../functions/lib/ports/e1-data.ts';
import { systemClock } from '../../functions/lib/system-clock.ts';
import { installMinio, type Minio, startMinio } from '../../local/stack/parts/minio.ts';
import { anAct, bytesOf, e1DataSuite, first, rangeOf, readAll, someTfs } from '../contract/e1-data-suite.ts';
import { aBucket, accessTo, governance } from './minio-buckets.ts';
import { allBut, rawClient, temporaryUser, writerPolicy } from './minio-raw.ts';

/** E1 data on MinIO itself, whose versions it keeps locked. */
let minio: Minio;
beforeAll(async () => {
  installMinio();
  minio = await startMinio();
}, 900_000);
afterAll(() => minio.stop());

const taken = new Set<string>();
const takeBucket = async (bucket: string) => {
  if (taken.has(bucket)) throw new PapilioError('folder-in-use', bucket);
  taken.add(bucket);
  return async () => void taken.delete(bucket);
};
const openIn = async (bucket: string, credentials: MinioAccess['credentials'] = minio.user): Promise<E1Data> => {
  const open = await cloud.e1Minio();
  return open({
    ...accessTo(minio),
    credentials,
    bucket,
    disk: nodeDisk,
    nowMs: systemClock.nowMs,
    now: () => '2026-01-01T00:00:00.000Z',
    takeBucket,
  });
};

const bucketOf = new Map<string, string>();
e1DataSuite('minio', async (folder) => {
  const bucket = bucketOf.get(folder) ?? (await aBucket(minio, { retention: governance }));
  bucketOf.set(folder, bucket);
  return openIn(bucket);
});

const written = { 0: 'tf 0', 1: 'tf 1', 2: 'tf 2' };
const run = '00102363';
const nameOf = (from: number, count: number): string => {
  const { tfFirst, tfEnd } = rangeOf(from, count);
  return `0${tfFirst}-0${tfEnd}-00000000`;
};
const part = `tfs/${run}/${nameOf(0, 3)}`;
const ledger = `ledger/${run}/${nameOf(0, 3)}`;

/** A bucket with TFs 0 to 2, somebody who may do all in it but end a lock, and how it is opened again. */
const anAttackedBucket = async (retention: Retention = governance) => {
  const bucket = await aBucket(minio, { retention });
  const data = await openIn(bucket);
  await data.append(first, someTfs(3));
  await data.close();
  const attacker = rawClient(minio, await temporaryUser(minio, allBut(bucket)));
  const open = async (): Promise<E1Data> => {
    const again = await openIn(bucket);
    onTestFinished(again.close);
    return again;
  };
  return { bucket, attacker, admin: rawClient(minio), open };
};

type Attacked = Awaited<ReturnType<typeof anAttackedBucket>>;

const versionOf = async (attacked: Attacked, key: string): Promise<string> =>
  String((await attacked.admin.headers(attacked.bucket, key))['x-amz-version-id']);

const dayMs = 86_400_000;
const lockedUntilMs = async ({ admin, bucket }: Attacked): Promise<number> =>
  Date.parse(String((await admin.headers(bucket, part))['x-amz-object-lock-retain-until-date']));
const shorten = async (attacked: Attacked, by: ReturnType<typeof rawClient>, governanceBypass: boolean) =>
  by.client.putObjectRetention(attacked.bucket, part, {
    mode: RETENTION_MODES.GOVERNANCE,
    retainUntilDate: new Date(Date.now() + 60_000).toISOString(),
    versionId: await versionOf(attacked, part),
    governanceBypass,
  });

describe('a written TF in a bucket, for somebody who may write there', () => {
  test.each([part, ledger])('cannot be deleted: %s', async (key) => {
    const attacked = await anAttackedBucket();
    const { attacker, bucket, open } = attacked;
    const versionId = await versionOf(attacked, key);
    await expect(attacker.remove(bucket, key, versionId)).rejects.toThrow(/WORM|locked|denied/i);
    await expect(attacker.remove(bucket, key, versionId, true)).rejects.toThrow(/WORM|locked|denied/i);
    await attacker.remove(bucket, key);
    const data = await open();
    expect(await readAll(data, 0, 9)).toEqual(written);
    expect(await data.verify(rangeOf(0, 3))).toHaveLength(1);
    await expect(data.append(first, someTfs(3, 'other'))).rejects.toMatchObject({ code: 'tf-exists' });
    expect(await data.append(first, someTfs(3))).toMatchObject({ created: false });
  });

  test.each([part, ledger])('cannot be overwritten: %s', async (key) => {
    const { attacker, bucket, open } = await anAttackedBucket();
    await attacker.put(bucket, key, Buffer.from('forged'));
    await attacker.remove(bucket, key);
    await attacker.put(bucket, key, Buffer.from('forged again'));
    const data = await open();
    expect(await readAll(data, 0, 9)).toEqual(written);
    expect(await data.verify(rangeOf(0, 3))).toHaveLength(1);
    await expect(data.append(first, someTfs(3, 'other'))).rejects.toMatchObject({ code: 'tf-exists' });
  });

  test('cannot have its lock shortened', async () => {
    const attacked = await anAttackedBucket();
    await expect(shorten(attacked, attacked.attacker, false)).rejects.toThrow(/WORM|denied/i);
    await expect(shorten(attacked, attacked.attacker, true)).rejects.toThrow(/WORM|denied/i);
    expect(await lockedUntilMs(attacked)).toBeGreaterThan(Date.now() + 29 * dayMs);
  });

  test('can have its lock shortened on MinIO by who may set one, unless it is one of compliance', async () => {
    const setter = async (bucket: string) =>
      rawClient(minio, await temporaryUser(minio, allBut(bucket, ['s3:BypassGovernanceRetention'])));
    const governed = await anAttackedBucket();
    await shorten(governed, await setter(governed.bucket), true);
    expect(await lockedUntilMs(governed)).toBeLessThan(Date.now() + dayMs);
    const compliant = await anAttackedBucket({ mode: 'COMPLIANCE', days: 30 });
    await expect(shorten(compliant, await setter(compliant.bucket), true)).rejects.toThrow(/WORM|locked/i);
    expect(await lockedUntilMs(compliant)).toBeGreaterThan(Date.now() + 29 * dayMs);
  });

  test('is not hidden by TFs that overlap it', async () => {
    const { attacker, bucket, open } = await anAttackedBucket();
    const elsewhere = await aBucket(minio, { retention: governance });
    const forged = await openIn(elsewhere);
    await forged.append(first + 1n, someTfs(5, 'forged'));
    await forged.close();
    const name = `tfs/${run}/${nameOf(1, 5)}`;
    await attacker.put(bucket, name, await rawClient(minio).get(elsewhere, name));
    expect(await readAll(await open(), 0, 9)).toEqual(written);
  });

  test.each(['tfs', `tfs/${run}`, 'ledger', `ledger/${run}`, 'acts'])(
    'is not written anew when an object is put where its folder is: %s',
    async (folder) => {
      const { attacker, bucket, open } = await anAttackedBucket();
      await attacker.put(bucket, folder, Buffer.from('hides what lies below'));
      const appending = open().then((data) => data.append(first + 1n, someTfs(4, 'other')));
      await expect(appending).rejects.toMatchObject({
        code: 'object-corrupt',
        reason: expect.stringContaining(`${folder} is a folder`),
      });
    },
  );
});

describe('the way out', () => {
  test('is an act on record; the bytes stay, and the lock on them', async () => {
    const attacked = await anAttackedBucket();
    const data = await attacked.open();
    await data.breakGlass(anAct('replace', 1, 1));
    await data.append(first + 1n, [bytesOf('new')]);
    expect(await readAll(data, 0, 9)).toEqual({ ...written, 1: 'new' });
    const versionId = await versionOf(attacked, part);
    await expect(attacked.attacker.remove(attacked.bucket, part, versionId, true)).rejects.toThrow();
    const act = await attacked.admin.headers(attacked.bucket, 'acts/00000001');
    expect(act['x-amz-object-lock-mode']).toBe('GOVERNANCE');
  });

  test('of space is an administrator who may end a lock; what went is missed by name', async () => {
    const attacked = await anAttackedBucket();
    const { bucket, admin, open } = attacked;
    const versionId = await versionOf(attacked, part);
    await expect(admin.remove(bucket, part, versionId)).rejects.toThrow(/WORM|locked/i);
    await admin.remove(bucket, part, versionId, true);
    const data = await open();
    await expect(data.readTf(first)).rejects.toMatchObject({ code: 'object-missing' });
    await expect(data.append(first, someTfs(3, 'other'))).rejects.toMatchObject({ code: 'tf-exists' });
    expect(await data.append(first, someTfs(3))).toMatchObject({ created: true });
    expect(await readAll(data, 0, 9)).toEqual(written);
  });

  test('is closed to everybody in compliance mode', async () => {
    const attacked = await anAttackedBucket({ mode: 'COMPLIANCE', days: 1 });
    const versionId = await versionOf(attacked, part);
    await expect(attacked.admin.remove(attacked.bucket, part, versionId, true)).rejects.toThrow(/WORM|locked/i);
  });

  test('of a lock that ends soon is a new one by protect', async () => {
    const attacked = await anAttackedBucket({ mode: 'GOVERNANCE', days: 2 });
    await (await cloud.minioBucket())(accessTo(minio), {
      bucket: attacked.bucket,
      retention: { mode: 'GOVERNANCE', days: 100 },
    });
    await (await attacked.open()).protect(rangeOf(0, 3));
    expect(await lockedUntilMs(attacked)).toBeGreaterThan(Date.now() + 99 * dayMs);
  });
});

describe('a bucket of E1 data', () => {
  test("is written and read with the rights of the operators' page, which end nothing", async () => {
    const bucket = await aBucket(minio, { retention: governance });
    const user = await temporaryUser(minio, writerPolicy(bucket));
    const data = await openIn(bucket, user);
    await data.append(first, someTfs(3));
    await data.breakGlass(anAct('replace', 1, 1));
    await data.append(first + 1n, [bytesOf('new')]);
    await data.protect(rangeOf(0, 3));
    await data.close();
    const again = await openIn(bucket, user);
    onTestFinished(again.close);
    expect(await readAll(again, 0, 9)).toEqual({ ...written, 1: 'new' });
    expect(await again.verify(rangeOf(0, 3))).toHaveLength(3);
    const raw = rawClient(minio, user);
    await expect(raw.remove(bucket, part)).rejects.toThrow(/denied/i);
    for (const folder of ['tfs', `tfs/${run}`, 'ledger', `ledger/${run}`, 'acts', 'other'])
      await expect(raw.put(bucket, folder, Buffer.from('hides'))).rejects.toThrow(/denied/i);
  });

  test('is written by one process at a time', async () => {
    const bucket = await aBucket(minio, { retention: governance });
    const data = await openIn(bucket);
    await expect(openIn(bucket)).rejects.toMatchObject({ code: 'folder-in-use', name: 'Conflict' });
    await data.close();
    await (await openIn(bucket)).close();
  });
});
