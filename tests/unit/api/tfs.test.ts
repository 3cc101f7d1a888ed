import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commit } from '#lib/change';
import { crc32c } from '#lib/model/checksum';
import { decodeTf } from '#lib/model/stf-container-tf';
import { tfRangeOf } from '#lib/model/tf-range';
import { quarantines } from '#lib/records';
import { ProblemDetails } from '#schema/problem';
import { CoverageView, TfView } from '#schema/tf-index';
import { verifiedCrc } from '../../../functions/api/tf-view.ts';
import { enter, indexRun } from '../../builders/a-tf-story.ts';
import { anApi, type TestApi } from '../../builders/an-api.ts';

const run = 102_363;
const shifted = 102_364;
const tfOf = (sequence: number, place = 0, of = run) =>
  tfRangeOf({ run: of, sequence, tfCount: 1, tfsPerStf: 1000 }).tfFirst + BigInt(place);

let api: TestApi;
beforeAll(async () => {
  api = await anApi();
  await indexRun(api, run, [
    { sequence: 1, missing: [3, 4] },
    { sequence: 2 },
    { sequence: 40, state: 'no_beam', substate: 'calib' },
  ]);
  // STFs of 10 TFs from 995 on, in a run whose first STF has 1000: the same numbers again, as when a DAQ starts over.
  await indexRun(api, shifted, [
    { sequence: 0, tfCount: 1000, sizeBytes: 400_000 },
    { sequence: 199, tfCount: 5, tfsPerStf: 5 },
  ]);
});
afterAll(() => api[Symbol.asyncDispose]());

const ask = (url: string) => api.app.inject({ url, headers: { host: '127.0.0.1:8714' } });
const problemOf = async (url: string) => ProblemDetails.parse((await ask(url)).json());

describe('a TF', () => {
  it('is found in its STF by its number and by any of its crossings', async () => {
    const tf = tfOf(1, 7);
    const found = TfView.parse((await ask(`/v1/tfs/${tf}`)).json());
    expect(found).toMatchObject({
      tf: String(tf),
      run,
      bxFirst: String(tf * 65_536n),
      bxEnd: String((tf + 1n) * 65_536n),
    });
    expect(found.copies).toMatchObject([{ name: 'swf.102363.000001.stf', sequence: 1 }]);
    for (const bxInTf of [0, 65_535]) {
      const bx = tf * 65_536n + BigInt(bxInTf);
      expect((await ask(`/v1/bxs/${bx}`)).json()).toEqual({ ...found, bx: String(bx), bxInTf });
    }
  });

  it.each([0, 2, 5, 19])('comes byte by byte out of an STF from which others are missing: place %d', async (place) => {
    const answer = await ask(`/v1/tfs/${tfOf(1, place)}/bytes`);
    expect(answer.statusCode).toBe(200);
    const decoded = decodeTf(Buffer.from(answer.rawPayload));
    expect(decoded).toMatchObject({ tf: tfOf(1, place), bxFirst: tfOf(1, place) * 65_536n });
    expect(answer.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': String(answer.rawPayload.length),
      'papilio-stf': 'swf.102363.000001.stf',
      'papilio-crc32c': crc32c(answer.rawPayload).toString(16).padStart(8, '0'),
    });
  });

  it.each([
    ['missing in an STF', tfOf(1, 3), `gap from TF ${tfOf(1, 3)} (after STF 1) to before TF ${tfOf(1, 5)} (STF 1)`],
    ['between two STFs', tfOf(20), `gap from TF ${tfOf(2, 20)} (after STF 2) to before TF ${tfOf(40)} (STF 40)`],
    ['behind the last', tfOf(41), `behind the last of run ${run}: STF 40 ends before TF ${tfOf(40, 20)}`],
    ['before the first', tfOf(0), `before the first of run ${run}: STF 1 begins with TF ${tfOf(1)}`],
    ['of an unknown run', tfOf(0, 0, 9), 'nothing of run 9'],
  ])('that is %s is a gap with a name', async (_, tf, words) => {
    for (const path of ['', '/bytes']) {
      const problem = await problemOf(`/v1/tfs/${tf}${path}`);
      expect(problem).toMatchObject({ code: 'tf-missing', status: 404, detail: expect.stringContaining(words) });
    }
    expect(await problemOf(`/v1/bxs/${tf * 65_536n + 9n}`)).toMatchObject({ code: 'tf-missing' });
  });

  it('that several STFs hold is found in each, and its bytes are those of the one that is named', async () => {
    const tf = tfOf(0, 997, shifted);
    const { copies } = TfView.parse((await ask(`/v1/tfs/${tf}`)).json());
    expect(copies.map(({ sequence }) => sequence)).toEqual([0, 199]);
    for (const { sequence, name, firstByte, endByte } of copies) {
      const answer = await ask(`/v1/tfs/${tf}/bytes?sequence=${sequence}`);
      expect(answer.headers['papilio-stf']).toBe(name);
      expect(answer.rawPayload).toHaveLength(endByte - firstByte);
    }
    expect(await problemOf(`/v1/tfs/${tf}/bytes?sequence=7`)).toMatchObject({ code: 'record-missing' });
  });

  it('that is damaged or cut off in the archive is named and not given away', async () => {
    const tf = String(tfOf(1, 5));
    const [copy] = TfView.parse((await ask(`/v1/tfs/${tf}`)).json()).copies;
    if (!copy) throw new Error('no copy');
    const { readRange } = api.archive;
    const flipped: typeof readRange = async (...part) =>
      (await readRange(...part)).map((byte, at) => (at === 60 ? byte ^ 1 : byte));
    const cut: typeof readRange = async (...part) => (await readRange(...part)).subarray(0, 60);
    await expect(verifiedCrc(tf, copy, { readRange })).resolves.toMatch(/^[0-9a-f]{8}$/);
    for (const [read, words] of [
      [flipped, `TF ${tf} has CRC-32C`],
      [cut, 'it ends in that TF'],
    ] as const) {
      await expect(verifiedCrc(tf, copy, { readRange: read })).rejects.toMatchObject({
        code: 'object-corrupt',
        reason: expect.stringContaining(words),
      });
    }
  });

  it.each(['-1', '1e3', '0x10', '18446744073709551616', '99999999999999999999', '1.5', '007', 'abc'])(
    'is not %s',
    async (typed) => {
      expect(await problemOf(`/v1/tfs/${typed}`)).toMatchObject({ code: 'input-invalid', status: 422 });
    },
  );

  it.each(['-1', '1e3', '0x10', '79228162514264337593543950336', '99999999999999999999999999999', '1.5', '007', 'abc'])(
    'is of no BX %s',
    async (typed) => {
      expect(await problemOf(`/v1/bxs/${typed}`)).toMatchObject({ code: 'input-invalid', status: 422 });
    },
  );

  it('has a number of 64 bits, and its BXs of 96', async () => {
    for (const tf of [2n ** 48n - 1n, 2n ** 48n, 2n ** 64n - 1n])
      expect(await problemOf(`/v1/tfs/${tf}`)).toMatchObject({ code: 'tf-missing' });
    for (const bx of [2n ** 64n - 1n, 2n ** 64n, 2n ** 96n - 1n])
      expect(await problemOf(`/v1/bxs/${bx}`)).toMatchObject({ code: 'tf-missing' });
  });
});

describe('the coverage of a run', () => {
  const pages = async (of: number, limit: number): Promise<CoverageView[]> => {
    const found: CoverageView[] = [];
    let next: string | undefined;
    do {
      const query: string = next === undefined ? '' : `&cursor=${next}`;
      const page = CoverageView.parse((await ask(`/v1/runs/${of}/coverage?limit=${limit}${query}`)).json());
      found.push(page);
      next = page.next;
    } while (next !== undefined);
    return found;
  };
  const linesIn = (found: readonly CoverageView[]) =>
    found.flatMap(({ items }) => items).map(({ kind, tfFirst, tfEnd, sequences }) => [kind, tfFirst, tfEnd, sequences]);

  it('names what is held, gaps and overlaps with their STFs', async () => {
    const found = await pages(run, 100);
    expect(found).toMatchObject([{ run, tfsHeld: 58, tfsOverlapped: 0, gaps: 3, repeated: [] }]);
    expect(linesIn(found)).toEqual([
      ['held', String(tfOf(1)), String(tfOf(1, 3)), [1]],
      ['gap', String(tfOf(1, 3)), String(tfOf(1, 5)), [1, 1]],
      ['held', String(tfOf(1, 5)), String(tfOf(1, 20)), [1]],
      ['gap', String(tfOf(1, 20)), String(tfOf(2)), [1, 2]],
      ['held', String(tfOf(2)), String(tfOf(2, 20)), [2]],
      ['gap', String(tfOf(2, 20)), String(tfOf(40)), [2, 40]],
      ['held', String(tfOf(40)), String(tfOf(40, 20)), [40]],
    ]);
    expect(linesIn(await pages(shifted, 100))).toEqual([
      ['held', String(tfOf(0, 0, shifted)), String(tfOf(0, 995, shifted)), [0]],
      ['overlap', String(tfOf(0, 995, shifted)), String(tfOf(1, 0, shifted)), [0, 199]],
    ]);
  });

  it('names an STF that came again with other content and is held in quarantine for it', async () => {
    const [name, quarantineId] = ['swf.102364.000007.stf', 'prod_quarantine_7'];
    const at = '2026-01-01T00:00:00.000Z';
    const held = { id: quarantineId, messageId: 'prod_message_7', raw: '{}', receivedAt: at, quarantinedAt: at };
    const of = (code: string, reason: string) => ({ ...held, problem: { code, reason }, state: 'held' as const });
    await commit(
      api.planes.archive,
      [],
      [
        quarantines.put(quarantineId, of('stf-content-differs', `00102364/${name}: has 9 bytes, offered 8 bytes`), 0),
        quarantines.put('prod_quarantine_8', of('stf-corrupt', `swf.102364.000008.stf: TF 3: its CRC-32C is wrong`), 0),
      ],
    );
    expect(await pages(shifted, 100)).toMatchObject([{ repeated: [{ sequence: 7, name, quarantineId }] }]);
    expect(await pages(run, 100)).toMatchObject([{ repeated: [] }]);
  });

  it('is the same in pages of any size', async () => {
    const whole = linesIn(await pages(run, 100));
    for (const limit of [1, 2, 3, 6, 7]) {
      const found = await pages(run, limit);
      expect(linesIn(found)).toEqual(whole);
      expect(found).toHaveLength(Math.ceil(whole.length / limit));
    }
  });

  it('joins any number of whole segments to one line', async () => {
    const stfs = Array.from({ length: 600 }, (_, sequence) => ({
      sequence,
      content: {
        layout: 'papilio-stf-1' as const,
        tfCount: 1000,
        tfRanges: [{ tfFirst: String(tfOf(sequence, 0, 7)), tfEnd: String(tfOf(sequence + 1, 0, 7)) }],
        tfsMissing: [],
        indexFirstByte: 0,
        state: 'run',
        substate: 'physics',
      },
    }));
    await enter(
      api,
      7,
      stfs.filter(({ sequence }) => sequence !== 300),
    );
    expect(linesIn(await pages(7, 1))).toEqual([
      ['held', String(tfOf(0, 0, 7)), String(tfOf(300, 0, 7)), [0, 299]],
      ['gap', String(tfOf(300, 0, 7)), String(tfOf(301, 0, 7)), [299, 301]],
      ['held', String(tfOf(301, 0, 7)), String(tfOf(600, 0, 7)), [301, 599]],
    ]);
  });

  it('of a run that has no TFs is missing, and a cursor of another list is refused', async () => {
    expect(await problemOf('/v1/runs/99/coverage')).toMatchObject({ code: 'record-missing', status: 404 });
    const cursor = Buffer.from(JSON.stringify({ from: '00000001' })).toString('base64url');
    expect(await problemOf(`/v1/runs/${run}/coverage?cursor=${cursor}`)).toMatchObject({ code: 'cursor-unknown' });
  });
});
