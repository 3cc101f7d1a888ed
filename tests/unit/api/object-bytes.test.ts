import { get as httpGet } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProblemDetails } from '#schema/problem';
import { readByteRange } from '../../../functions/api/byte-range.ts';
import { wholeAnswerMaxBytes } from '../../../functions/api/lambda/lambda.ts';
import { indexRun } from '../../builders/a-tf-story.ts';
import { anApi, type TestApi } from '../../builders/an-api.ts';
import { anOutput } from '../../builders/an-output.ts';

/** More than three pieces. */
const content = Buffer.from(Uint8Array.from({ length: 3_400_017 }, (_, at) => at % 251));
let api: TestApi;
let url: string;
let path: string;

beforeAll(async () => {
  api = await anApi();
  url = await api.app.listen({ host: '127.0.0.1', port: 0 });
  path = `/v1/outputs/${(await anOutput(api, content)).id}/bytes`;
});
afterAll(() => api[Symbol.asyncDispose]());

const ask = (headers: Readonly<Record<string, string>> = {}, method = 'GET') =>
  fetch(`${url}${path}`, { headers, method });
const bytesOf = async (answer: Response): Promise<Buffer> => Buffer.from(await answer.arrayBuffer());
const codeOf = async (answer: Response): Promise<string> => ProblemDetails.parse(await answer.json()).code;

describe('bytes of an output', () => {
  it('come whole, with size, name and checksums', async () => {
    const answer = await ask();
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': String(content.length),
      'accept-ranges': 'bytes',
      'content-disposition': 'attachment; filename="prod_output_00102363-run-p1-merged.json"',
      etag: expect.stringMatching(/^"[0-9a-f]{8}"$/),
      'repr-digest': expect.stringMatching(/^crc32c=:[A-Za-z0-9+/]{6}==:$/),
    });
    expect(answer.headers.get('etag')).toBe(`"${answer.headers.get('papilio-crc32c')}"`);
    expect((await bytesOf(answer)).equals(content)).toBe(true);
  });

  it.each([
    ['bytes=0-0', 0, 1],
    ['bytes=999999-1000000', 999_999, 1_000_001],
    ['bytes=3400000-', 3_400_000, content.length],
    ['bytes=-17', content.length - 17, content.length],
    ['bytes=3400000-9999999', 3_400_000, content.length],
  ])('come in part for %s', async (range, first, end) => {
    const answer = await ask({ range });
    expect(answer.status).toBe(206);
    expect(answer.headers.get('content-range')).toBe(`bytes ${first}-${end - 1}/${content.length}`);
    expect(answer.headers.get('content-length')).toBe(String(end - first));
    expect((await bytesOf(answer)).equals(content.subarray(first, end))).toBe(true);
  });

  it('behind the end are refused with the size', async () => {
    const answer = await ask({ range: `bytes=${content.length}-` });
    expect(answer.status).toBe(416);
    expect(answer.headers.get('content-range')).toBe(`bytes */${content.length}`);
    expect(await codeOf(answer)).toBe('range-not-satisfiable');
  });

  it('have a HEAD with the same headers and no body', async () => {
    const answer = await ask({}, 'HEAD');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-length')).toBe(String(content.length));
    expect(await bytesOf(answer)).toHaveLength(0);
  });

  it('are not sent again to a client that has them, and a range of another version is all of this one', async () => {
    const etag = (await ask({}, 'HEAD')).headers.get('etag') ?? '';
    expect((await ask({ 'if-none-match': etag })).status).toBe(304);
    expect((await ask({ range: 'bytes=5-9', 'if-range': etag })).status).toBe(206);
    const other = await ask({ range: 'bytes=5-9', 'if-range': '"00000000"' });
    expect(other.status).toBe(200);
    expect(await bytesOf(other)).toHaveLength(content.length);
  });

  it('are read no faster than the client takes them', async () => {
    let read = 0;
    const output = await anOutput(api, Buffer.alloc(40_000_000), { name: 'large' });
    const slow = await anApi({
      around: {
        outputs: {
          readRange: (key, first, end) => {
            read += end - first;
            return api.outputs.readRange(key, first, end);
          },
        },
        records: async (plane) => api.planes[plane],
      },
    });
    const address = await slow.app.listen({ host: '127.0.0.1', port: 0 });
    const answer = await new Promise<import('node:http').IncomingMessage>((resolve) =>
      httpGet(`${address}/v1/outputs/${output.id}/bytes`, resolve),
    );
    // Reading has ended when further turns of the loop bring no more: sockets and streams are full.
    for (let before = -1, same = 0; same < 50; before = read) {
      await new Promise((resolve) => setImmediate(resolve));
      same = before === read && read > 0 ? same + 1 : 0;
    }
    expect(read).toBeLessThan(30_000_000);
    answer.destroy();
    await slow[Symbol.asyncDispose]();
  });
});

describe('damaged bytes', () => {
  it('are never sent to their end as a whole file', async () => {
    const good = await anOutput(api, Buffer.from('sound'), { name: 'damaged' });
    const damaged = await anApi({
      around: {
        outputs: { readRange: async (_, first, end) => Buffer.from('s0und').subarray(first, end) },
        records: async (plane) => api.planes[plane],
      },
    });
    const answer = await damaged.app.inject({ url: `/v1/outputs/${good.id}/bytes`, headers: { host: '127.0.0.1' } });
    expect(answer.statusCode).toBe(422);
    expect(answer.json()).toMatchObject({ code: 'object-corrupt' });
    await damaged[Symbol.asyncDispose]();
  });

  it('of a missing object are a problem, not an empty file', async () => {
    const output = await anOutput(api, Buffer.from('here'), { name: 'gone' });
    const empty = await anApi({ around: { records: async (plane) => api.planes[plane] } });
    const answer = await empty.app.inject({ url: `/v1/outputs/${output.id}/bytes`, headers: { host: '127.0.0.1' } });
    expect(answer.json()).toMatchObject({ code: 'object-missing', status: 404 });
    await empty[Symbol.asyncDispose]();
  });
});

describe('bytes of an STF', () => {
  it('are those of its archived file; one that is not archived has none', async () => {
    const [replica] = await indexRun(api, 102365, [{ sequence: 1 }]);
    const answer = await fetch(`${url}/v1/stfs/swf.102365.000001.stf/bytes`);
    expect((await bytesOf(answer)).equals(await api.archive.read(replica?.objectKey ?? ''))).toBe(true);
    expect(answer.headers.get('papilio-crc32c')).toBe(replica?.checksumCrc32c);
    expect(await codeOf(await fetch(`${url}/v1/stfs/swf.102365.000002.stf/bytes`))).toBe('record-missing');
  });
});

it('a file larger than an answer of Lambda is refused before it is read, and ranges of it are not', async () => {
  const output = await anOutput(api, Buffer.alloc(wholeAnswerMaxBytes + 1), { name: 'large-for-lambda' });
  const lambda = await anApi({
    around: { answerMaxBytes: wholeAnswerMaxBytes, outputs: api.outputs, records: async (plane) => api.planes[plane] },
  });
  const request = { url: `/v1/outputs/${output.id}/bytes`, headers: { host: '127.0.0.1' } };
  const answer = await lambda.app.inject(request);
  expect(answer.json()).toMatchObject({ code: 'answer-too-large', status: 501 });
  const part = await lambda.app.inject({ ...request, headers: { ...request.headers, range: 'bytes=4500000-' } });
  expect([part.statusCode, part.rawPayload.length]).toEqual([206, 1]);
  await lambda[Symbol.asyncDispose]();
});

describe('a header Range', () => {
  it.each([
    ['bytes=5-4', undefined],
    ['bytes=0-1,3-4', undefined],
    ['lines=1-2', undefined],
    ['bytes=-', undefined],
    ['bytes=a-b', undefined],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=-99', { firstByte: 0, endByte: 10 }],
  ])('%s of ten bytes is %j', (header, expected) => {
    expect(readByteRange(header, 10)).toEqual(expected);
  });
});
