import { expect, test } from 'vitest';
import { replicas } from '#lib/records';
import type { Replica } from '#schema/stf';
import { run } from '../../../clients/cli/program.ts';
import { anApi } from '../../builders/an-api.ts';
import { idsOf, processStf } from '../../builders/an-stf-story.ts';

const at = '2026-01-01T00:00:00.000Z';

/** Archived and not catalogued. */
const aReplica = (sequence: number): readonly [string, Replica] => {
  const { stfId, runId, fileName: name, messageId } = idsOf({ run: 7, sequence });
  const checksums = { checksumAdler32: '00000001', checksumCrc32c: '00000001' };
  const times = { receivedAt: at, archivedAt: at };
  return [stfId, { stfId, runId, sequence, name, objectKey: 'k', sizeBytes: 1, messageId, ...checksums, ...times }];
};

test('a list that is filtered by a rare state goes on until it has found some', async () => {
  await using api = await anApi();
  const others = Array.from({ length: 5_200 }, (_, sequence) => aReplica(sequence));
  await replicas.putMany(api.planes.archive.store, others);
  await processStf(api.planes.work, { run: 7, sequence: 9_999, receivedMs: 1_000 });
  const url = await api.app.listen({ host: '127.0.0.1', port: 0 });
  const written = { out: '', err: '' };
  const stream = (name: 'out' | 'err') => ({ write: (text: string | Uint8Array) => (written[name] += String(text)) });
  const io = { out: stream('out'), err: stream('err'), signal: new AbortController().signal };
  const code = await run(['stf', 'list', '--run', '7', '--processing', 'processed', '-o', 'name', '--url', url], io);
  expect({ code, ...written }).toEqual({ code: 0, out: `${idsOf({ run: 7, sequence: 9_999 }).fileName}\n`, err: '' });
});
