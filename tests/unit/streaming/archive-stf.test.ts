import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { PapilioError } from '#lib/errors';
import { replicas } from '#lib/records';
import { archiveStf } from '../../../functions/streaming/archive-stf.fn.ts';
import { quarantineMessage } from '../../../functions/streaming/quarantine-message.fn.ts';
import { aDeps, eventTypes, type TestDeps } from '../../builders/a-deps.ts';
import { dyingAt, everyDeath, Killed } from '../../builders/a-deps-crash.ts';
import { type AnStfMessage, anStfMessage } from '../../builders/a-message.ts';
import { anStfFile } from '../../builders/a-stf.ts';

const stfId = 'test_stf_00102363-00000001';
const objectKey = '00102363/swf.102363.000001.stf';
const name = 'swf.102363.000001.stf';
const archived = async (deps: TestDeps) => Buffer.from(await deps.archive.read(objectKey)).toString();
const archive = (message: AnStfMessage, deps: TestDeps) => archiveStf.run({ message }, deps);

test('an STF is copied with its checksums, recorded, and its incoming file goes', async () => {
  const deps = aDeps({ plane: 'archive' });
  const message = anStfFile(deps, 1, 'hits');
  expect(await archive(message, deps)).toEqual({ stfId, objectKey });
  expect(await archived(deps)).toBe('hits');
  expect((await replicas.need(deps.store, stfId)).doc).toMatchObject({
    objectKey,
    sizeBytes: 4,
    checksumAdler32: message.fact.checksumAdler32,
    checksumCrc32c: expect.stringMatching(/^[0-9a-f]{8}$/),
    messageId: message.id,
    receivedAt: message.receivedAt,
  });
  expect(await deps.incoming.has(name)).toBe(false);
  expect(await eventTypes(deps)).toEqual(['stf.archived']);
  expect((await deps.events())[0]).toMatchObject({ subject: stfId, cause: message.id, data: { run: 102_363 } });
});

test('a message without size and checksum is archived with those that were found', async () => {
  const deps = aDeps({ plane: 'archive' });
  const { fact } = anStfFile(deps, 1, 'hits');
  await archive(anStfMessage(1), deps);
  expect((await replicas.need(deps.store, stfId)).doc).toMatchObject({ checksumAdler32: fact.checksumAdler32 });
});

test('a repeat changes nothing, with the file sent again or without', async () => {
  const deps = aDeps({ plane: 'archive' });
  await archive(anStfFile(deps, 1, 'hits'), deps);
  await archive(anStfFile(deps, 1, 'hits'), deps);
  expect(await deps.incoming.has(name)).toBe(false);
  await archive(anStfMessage(1), deps);
  expect(await eventTypes(deps)).toEqual(['stf.archived']);
});

describe('a file that is not there', () => {
  test('is waited for', async () => {
    const deps = aDeps({ plane: 'archive' });
    await deps.clock.advance(59_000);
    const message = anStfMessage(1);
    await expect(archive(message, deps)).rejects.toMatchObject({ name: 'Transient', code: 'stf-file-missing' });
    anStfFile(deps, 1, 'late');
    expect(await archive(message, deps)).toEqual({ stfId, objectKey });
  });

  test.each([61_000, 75_000])(
    'is lost after the wait, in the same words whenever it was looked for last',
    async (ms) => {
      const deps = aDeps({ plane: 'archive' });
      await deps.clock.advance(ms);
      const lost = { name: 'Missing', code: 'stf-file-lost', reason: `${name} did not come within 60 s` };
      await expect(archive(anStfMessage(1), deps)).rejects.toMatchObject(lost);
    },
  );
});

test('a corrupt file stays in incoming and never becomes visible', async () => {
  const deps = aDeps({ plane: 'archive' });
  const message = anStfFile(deps, 1, 'hits');
  writeFileSync(deps.incoming.path(name), 'hitz');
  await expect(archive(message, deps)).rejects.toMatchObject({
    name: 'Invalid',
    code: 'stf-corrupt',
    reason: expect.stringContaining(message.fact.checksumAdler32 ?? '?'),
  });
  expect(readFileSync(deps.incoming.path(name), 'utf8')).toBe('hitz');
  expect(await deps.archive.stat(objectKey)).toBeUndefined();
  expect(await deps.events()).toEqual([]);
});

describe('other content under an archived name is refused and stays in incoming', () => {
  test('as its message says', async () => {
    const deps = aDeps({ plane: 'archive' });
    await archive(anStfFile(deps, 1, 'hits'), deps);
    const other = anStfFile(deps, 1, 'HITS');
    await expect(archive(other, deps)).rejects.toMatchObject({ name: 'Conflict', code: 'stf-content-differs' });
    expect(readFileSync(deps.incoming.path(name), 'utf8')).toBe('HITS');
    expect(await archived(deps)).toBe('hits');
  });

  test('as its file says', async () => {
    const deps = aDeps({ plane: 'archive' });
    await archive(anStfFile(deps, 1, 'hits'), deps);
    anStfFile(deps, 1, 'HITS');
    await expect(archive(anStfMessage(1), deps)).rejects.toMatchObject({ code: 'stf-content-differs' });
    expect(readFileSync(deps.incoming.path(name), 'utf8')).toBe('HITS');
  });

  test('also where the first was copied and not yet recorded', async () => {
    const deps = aDeps({ plane: 'archive' });
    const first = dyingAt(deps, 1, 'before').deps;
    await expect(archiveStf.run({ message: anStfFile(deps, 1, 'hits') }, first)).rejects.toBeInstanceOf(Killed);
    await expect(archive(anStfFile(deps, 1, 'HITS'), deps)).rejects.toMatchObject({ code: 'stf-content-differs' });
    expect(await archived(deps)).toBe('hits');
  });
});

test('two messages for one file at once are both archived, as one', async () => {
  const deps = aDeps({ plane: 'archive' });
  const first = anStfFile(deps, 1, 'hits');
  const second = anStfFile(deps, 1, 'hits', { sender: 'another' });
  expect(second.id).not.toBe(first.id);
  // The one that finds the file archived and gone in between is tried again, as its state machine does.
  const tried = (message: typeof first) => archive(message, deps).catch(() => archive(message, deps));
  expect(await Promise.all([tried(first), tried(second)])).toHaveLength(2);
  expect(await eventTypes(deps)).toEqual(['stf.archived']);
});

test('a repeat whose file goes while it is about to be compared is no fault', async () => {
  const deps = aDeps({ plane: 'archive' });
  await archive(anStfFile(deps, 1, 'hits'), deps);
  const incoming = { ...deps.incoming, has: async () => true };
  const message = anStfMessage(1, { sender: 'another' });
  await expect(archiveStf.run({ message }, { ...deps, incoming })).resolves.toMatchObject({
    objectKey: expect.any(String),
  });
});

test('a file that goes while it is about to be copied is missing, not lost', async () => {
  const deps = aDeps({ plane: 'archive' });
  const incoming = { ...deps.incoming, has: async () => true };
  await expect(archiveStf.run({ message: anStfMessage(1) }, { ...deps, incoming })).rejects.toMatchObject({
    code: 'stf-file-missing',
  });
});

test('a full disk is waited for', async () => {
  const deps = aDeps({ plane: 'archive' });
  const full = async () => {
    throw new PapilioError('store-full', 'archive');
  };
  const message = anStfFile(deps, 1, 'hits');
  const stopped = { ...deps, archive: { ...deps.archive, putFile: full } };
  await expect(archiveStf.run({ message }, stopped)).rejects.toMatchObject({ name: 'Transient' });
  expect(await archive(message, deps)).toEqual({ stfId, objectKey });
});

test.each(everyDeath(3))('killed $moment effect $step, the next try ends in the same record', async (death) => {
  const deps = aDeps({ plane: 'archive' });
  const message = anStfFile(deps, 1, 'hits');
  await expect(archiveStf.run({ message }, dyingAt(deps, death.step, death.moment).deps)).rejects.toBeInstanceOf(
    Killed,
  );
  // A kill never leaves a record without its object, or neither object nor file.
  const isRecorded = (await replicas.get(deps.store, stfId)) !== undefined;
  const isCopied = (await deps.archive.stat(objectKey)) !== undefined;
  expect(isRecorded && !isCopied).toBe(false);
  expect(isRecorded || (await deps.incoming.has(name))).toBe(true);
  expect(await archive(message, deps)).toEqual({ stfId, objectKey });
  expect(await archived(deps)).toBe('hits');
  expect(await eventTypes(deps)).toEqual(['stf.archived']);
  expect(await deps.incoming.has(name)).toBe(false);
});

test('a file that is sent again after it was held is archived, and its message is let go', async () => {
  const deps = aDeps({ plane: 'archive' });
  const message = anStfFile(deps, 1, 'hits');
  writeFileSync(deps.incoming.path(name), 'hitz');
  await expect(archive(message, deps)).rejects.toMatchObject({ code: 'stf-corrupt' });
  const failure = { Error: 'Invalid', Cause: '[stf-corrupt] An STF file does not match: hitz' };
  await quarantineMessage.run({ message, failure }, deps);
  anStfFile(deps, 1, 'hits');
  await archive(message, deps);
  expect(await eventTypes(deps)).toEqual(['message.quarantined', 'stf.archived', 'message.released']);
  await quarantineMessage.run({ message, failure }, deps);
  expect((await deps.events()).at(-1)).toMatchObject({ type: 'message.quarantined', version: 3 });
});
