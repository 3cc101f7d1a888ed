import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commit } from '#lib/change';
import { createIds } from '#lib/ids';
import { archiveKey } from '#lib/model/ids';
import { bxFieldOf, encodeTail, INDEX_ENTRY_BYTES } from '#lib/model/stf-container';
import { stfName } from '#lib/model/stf-name';
import { RUN_END, tfAt } from '#lib/model/tf-range';
import { replicas } from '#lib/records';
import type { Replica } from '#schema/stf';
import { TfView } from '#schema/tf-index';
import { run } from '../../../clients/cli/program.ts';
import { openSqliteStore } from '../../../functions/adapters/store/sqlite.ts';
import { aFolder } from '../../builders/a-folder.ts';
import { enter } from '../../builders/a-tf-story.ts';
import { anApi, type TestApi } from '../../builders/an-api.ts';
import { fakeClock } from '../../builders/fake-clock.ts';

const ids = createIds('prod', 'bnl', 1);
const at = '2026-01-01T00:00:00.000Z';

// From run 2^10 on a BX is above 2^53, where a JavaScript number loses its last digits.
const aPlace = fc.record({
  run: fc.integer({ min: 1024, max: RUN_END - 1 }),
  sequence: fc.nat(99_999_999),
  place: fc.nat(999),
  bxInTf: fc.nat(65_535),
});
type Place = typeof aPlace extends fc.Arbitrary<infer T> ? T : never;

/** An STF of the one TF at a place, and the bytes of its index, which are all that there is of it. */
const anStfOf = ({ run, sequence, place }: Place): { tf: bigint; replica: Replica; index: Uint8Array } => {
  const tf = tfAt(run, sequence * 1000 + place);
  const range = { tfFirst: tf, tfEnd: tf + 1n };
  const bxFirst = bxFieldOf(tf, 65_536n);
  const entry = { tf, bxFirst, bxCount: 65_536n, offsetBytes: 0, sizeBytes: 0, crc32c: 0 };
  const name = stfName({ run, sequence });
  const replica: Replica = {
    stfId: ids.stf(run, sequence),
    runId: ids.run(run),
    sequence,
    name,
    objectKey: archiveKey(run, name),
    sizeBytes: INDEX_ENTRY_BYTES,
    checksumAdler32: '00000001',
    checksumCrc32c: '00000000',
    messageId: ids.message('any'),
    content: {
      layout: 'papilio-stf-1',
      tfCount: 1,
      tfRanges: [{ tfFirst: String(range.tfFirst), tfEnd: String(range.tfEnd) }],
      tfsMissing: [],
      indexFirstByte: 0,
      state: 'run',
      substate: 'physics',
    },
    receivedAt: at,
    archivedAt: at,
  };
  return { tf, replica, index: encodeTail([entry], 0).subarray(0, INDEX_ENTRY_BYTES) };
};

describe('TF and BX numbers of any run above 2^10', () => {
  let api: TestApi;
  let url: string;
  beforeAll(async () => {
    api = await anApi();
    url = await api.app.listen({ host: '127.0.0.1', port: 0 });
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const ask = (path: string) => api.app.inject({ url: path, headers: { host: '127.0.0.1' } });
  const papilio = async (line: string): Promise<string> => {
    let text = '';
    const out = {
      columns: 100,
      write: (data: string | Uint8Array) => {
        text += String(data);
      },
    };
    const { signal } = new AbortController();
    const code = await run([...line.split(' '), '--url', url], { out, err: out, signal });
    expect(code, text).toBe(0);
    return text;
  };

  it('go through catalogue, HTTP and command line without losing a digit', async () => {
    const met = new Set<number>();
    await fc.assert(
      fc.asyncProperty(aPlace, async (given) => {
        fc.pre(!met.has(given.run));
        met.add(given.run);
        const { tf, replica, index } = anStfOf(given);
        const bx = tf * 65_536n + BigInt(given.bxInTf);
        expect(bx).toBeGreaterThan(2n ** 53n);
        await api.archive.putBytes(replica.objectKey, index);
        await commit(api.planes.archive, [], [replicas.put(replica.stfId, replica, 0)]);
        await enter(api, given.run, [replica]);
        const [bxFirst, bxEnd] = [String(tf * 65_536n), String((tf + 1n) * 65_536n)];
        const expected = { tf: String(tf), bx: String(bx), bxFirst, bxEnd, bxInTf: given.bxInTf, run: given.run };
        expect(TfView.parse((await ask(`/v1/bxs/${bx}`)).json())).toMatchObject(expected);
        expect(JSON.parse(await papilio(`tf find --bx ${bx} --json`))).toMatchObject(expected);
        const shown = await papilio(`tf find --bx ${bx}`);
        for (const number of [tf, bx, bxFirst, bxEnd]) expect(shown).toContain(` ${number}`);
        expect(await papilio(`run coverage ${given.run} -o name`)).toBe(`${tf}-${tf + 1n}\n`);
      }),
      { numRuns: 40 },
    );
  });
});

it('TF numbers come out of a store file as they went in, also after a restart', async () => {
  using folder = aFolder();
  const path = join(folder.path, 'store.db');
  const stored = new Map<string, Replica>();
  await fc.assert(
    fc.asyncProperty(fc.array(aPlace, { maxLength: 20 }), async (places) => {
      const { store } = await openSqliteStore({ path, clock: fakeClock() });
      const fresh = new Map(places.map((place) => [ids.stf(place.run, place.sequence), anStfOf(place).replica]));
      const writes = [...fresh].filter(([id]) => !stored.has(id)).map(([id, replica]) => replicas.put(id, replica, 0));
      if (writes.length > 0) await commit({ store }, [], writes);
      for (const [id, replica] of fresh) if (!stored.has(id)) stored.set(id, replica);
      await store.close();
      const { store: again } = await openSqliteStore({ path, clock: fakeClock() });
      for (const [id, replica] of stored) expect((await replicas.need(again, id)).doc).toEqual(replica);
      await again.close();
    }),
    { numRuns: 4 },
  );
});
