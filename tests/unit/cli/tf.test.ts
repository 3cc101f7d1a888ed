import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeTf } from '#lib/model/stf-container-tf';
import { tfRangeOf } from '#lib/model/tf-range';
import { run } from '../../../clients/cli/program.ts';
import { bytesOf } from '../../../clients/http/bytes.ts';
import { createClient } from '../../../clients/http/client.ts';
import { getVersion } from '../../../clients/http/generated/operations.ts';
import { aFolder } from '../../builders/a-folder.ts';
import { indexRun } from '../../builders/a-tf-story.ts';
import { anApi, type TestApi } from '../../builders/an-api.ts';

const numberOf = (sequence: number, place = 0) =>
  tfRangeOf({ run: 102_363, sequence, tfCount: 1, tfsPerStf: 1000 }).tfFirst + BigInt(place);
const tf = numberOf(1, 7);

let api: TestApi;
let url: string;
beforeAll(async () => {
  api = await anApi();
  await indexRun(api, 102_363, [{ sequence: 1, missing: [3] }, { sequence: 2 }]);
  url = await api.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => api[Symbol.asyncDispose]());

/** Runs a command line; gives what it wrote, bytes and all, and its exit code. */
const papilio = async (line: string, isTTY = false) => {
  const out: Buffer[] = [];
  let err = '';
  const code = await run([...line.split(' '), '--url', url], {
    out: { isTTY, columns: 100, write: (data) => out.push(Buffer.from(data)) },
    err: {
      write: (text) => {
        err += String(text);
      },
    },
    signal: new AbortController().signal,
  });
  const bytes = Buffer.concat(out);
  return { bytes, text: bytes.toString(), err, code };
};

describe('papilio tf', () => {
  it('finds a TF by its number and by a crossing', async () => {
    const byTf = await papilio(`tf find --tf ${tf}`);
    expect(byTf).toMatchObject({ code: 0, err: '' });
    expect(byTf.text).toMatch(new RegExp(`TF +${tf}\n.*run +102363\n(.*\n)*swf\\.102363\\.000001\\.stf +\\d+ +\\d+`));
    const byBx = await papilio(`tf find --bx ${tf * 65_536n + 77n} --json`);
    expect(JSON.parse(byBx.text)).toMatchObject({ tf: String(tf), bx: String(tf * 65_536n + 77n), bxInTf: 77 });
  });

  it('names the gap that a missing TF lies in, and ends with 3', async () => {
    const { err, code } = await papilio(`tf find --tf ${numberOf(1, 3)}`);
    expect(code).toBe(3);
    expect(err).toMatch(
      /error\[tf-missing\]: .*in the gap from TF \d+ \(after STF 1\)[^\n]*\n {2}try: .*papilio run coverage/,
    );
  });

  it('writes exactly the bytes of the TF to a pipe', async () => {
    const { bytes, code, err } = await papilio(`tf read --bx ${tf * 65_536n}`);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(decodeTf(Buffer.from(new Uint8Array(bytes)))).toMatchObject({ tf });
    expect((await papilio(`tf read --tf ${tf} --to -`, true)).bytes).toEqual(bytes);
  });

  it('writes to a new file, and never over one', async () => {
    using folder = aFolder();
    const path = join(folder.path, 'tf.bin');
    expect(await papilio(`tf read --tf ${tf} --to ${path}`)).toMatchObject({ code: 0, text: '' });
    const { bytes } = await papilio(`tf read --tf ${tf}`);
    expect(readFileSync(path)).toEqual(bytes);
    const again = await papilio(`tf read --tf ${tf + 1n} --to ${path}`);
    expect(again).toMatchObject({ code: 2, err: expect.stringMatching(/try: name a file that is not there yet/) });
    expect(readFileSync(path)).toEqual(bytes);
    expect(await papilio(`tf read --tf ${numberOf(9)} --to ${path}2`)).toMatchObject({ code: 3 });
    expect(existsSync(`${path}2`)).toBe(false);
  });

  it.each([
    ['tf read --tf 13738929292271', true, /bytes that no terminal can show\n {2}try: --to FILE/],
    ['tf read --tf 13738929292271 --sequence 9 --to -', false, /no STF of sequence 9 holds.*\n {2}try: --sequence 1/],
    ['tf find', false, /give one of --bx and --tf\n {2}try: papilio tf find/],
    ['tf find --tf 1 --bx 2', false, /give one of --bx and --tf/],
    ['tf find --tf 1e9', false, /--tf is not a whole number below 2\^64/],
    ['tf find --bx 79228162514264337593543950336', false, /--bx is not a whole number below 2\^96/],
  ] as const)('%s ends with 2 and says what to try', async (line, isTTY, expected) => {
    expect(await papilio(line, isTTY)).toMatchObject({ code: 2, err: expect.stringMatching(expected), text: '' });
  });
});

it('papilio run coverage shows what is held and what is missing', async () => {
  const { text, code } = await papilio('run coverage 102363');
  expect(code).toBe(0);
  expect(text).toMatch(/held +39, of which 0 by several STFs; 2 gaps/);
  expect(text).toMatch(new RegExp(`gap +${numberOf(1, 3)} +${numberOf(1, 4)} +1 +between 1 and 1`));
  const lines = (await papilio('run coverage 102363 --limit 2 --all -o name')).text.trim().split('\n');
  expect(lines).toHaveLength(5);
  expect(await papilio('run coverage 99')).toMatchObject({ code: 3 });
});

it('bytes that come without their checksum are refused', async () => {
  const all = async () => {
    const response = await createClient(url).open(getVersion);
    for await (const piece of bytesOf(response, new AbortController().signal)) expect(piece).toBeDefined();
  };
  await expect(all()).rejects.toMatchObject({
    code: 'answer-invalid',
    message: expect.stringMatching(/CRC-32C [0-9a-f]{8} came, null was told/),
  });
});
