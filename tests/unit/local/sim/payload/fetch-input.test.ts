import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { aWebServer, type Reply } from '../../../../builders/a-web-server.ts';
import { aJobWithStf, readJson, runPayload } from './payload-process.ts';

/** A job whose STF is at an address alone, served by `reply`. */
const aJobWithAddress = async (replyOf: (bytes: Buffer) => Reply) => {
  const given = await aJobWithStf();
  const { paths, ...input } = given.job.inputs[0] ?? { name: '', paths: [] };
  const bytes = await readFile(paths[0] ?? '');
  const server = await aWebServer(replyOf(bytes));
  const url = `${server.url}/archive/${input.name}?signature=s`;
  const jobWith = (more: object) => ({ inputs: [{ ...input, url, paths: [], ...more }], output: 'out/hits.json' });
  const run = (more: object = {}) => runPayload('hits', given.folder, jobWith(more));
  return { ...given, paths, server, run, [Symbol.asyncDispose]: () => given[Symbol.asyncDispose]() };
};

const whole =
  (bytes: Buffer): Reply =>
  (_, response) =>
    response.end(bytes);

/** Each request has the next reply; the last one is given again and again. */
const oneByOne = (...replies: readonly Reply[]): Reply => {
  let at = 0;
  return (request, response) => {
    replies[Math.min(at, replies.length - 1)]?.(request, response);
    at += 1;
  };
};

const saying =
  (status: number): Reply =>
  (_, response) => {
    response.writeHead(status);
    response.end('<Error/>');
  };

describe('an input at an address', () => {
  it('is fetched into the folder of the job and read there', async () => {
    await using job = await aJobWithAddress(whole);
    expect(await job.run()).toMatchObject({ code: 0 });
    expect(await readJson(job.folder, 'out/hits.json')).toMatchObject({ run: 102_363, sequence: 1 });
    expect(await readdir(join(job.folder, 'in'))).toEqual(['swf.102363.000001.stf']);
  });

  it('is read at its path as long as nothing is at the address', async () => {
    await using job = await aJobWithAddress(() => saying(404));
    expect(await job.run({ paths: job.paths })).toMatchObject({ code: 0 });
    expect(job.server.seen).toHaveLength(1);
  });

  it('is looked for again when it is neither at its address nor at its path, and is then missing', async () => {
    await using job = await aJobWithAddress(() => saying(404));
    const ended = await job.run({ paths: ['/nowhere/a.stf'] });
    expect(ended).toMatchObject({ code: 66, log: expect.stringContaining('nothing at its address or under') });
    expect(ended.log).not.toContain('signature');
  });

  it('is fetched again after an error of the server and a cut', async () => {
    await using job = await aJobWithAddress((bytes) =>
      oneByOne(
        saying(503),
        (_, response) => {
          response.writeHead(200, { 'content-length': String(bytes.length) });
          response.write(bytes.subarray(0, 1000), () => response.destroy());
        },
        whole(bytes),
      ),
    );
    expect(await job.run()).toMatchObject({ code: 0 });
    expect(job.server.seen).toHaveLength(3);
  });

  it('is missing when the server refuses it', async () => {
    await using job = await aJobWithAddress(() => saying(403));
    expect(await job.run()).toMatchObject({ code: 66, log: expect.stringContaining('it answers 403') });
  });

  it('is read at its path when nobody answers at its address', async () => {
    await using job = await aJobWithAddress(() => saying(503));
    const ended = await job.run({ paths: job.paths });
    expect(ended).toMatchObject({ code: 0, log: expect.stringContaining('is not fetched: it answers 503') });
  });

  it('is corrupt when it comes with other bytes each time, and none of them is kept', async () => {
    await using job = await aJobWithAddress((bytes) => {
      const other = Buffer.from(bytes);
      other[5000] = (other[5000] ?? 0) ^ 1;
      return oneByOne(whole(other), whole(other.subarray(0, 9000)), whole(other));
    });
    expect(await job.run()).toMatchObject({ code: 65, log: expect.stringContaining('Adler-32') });
    expect(await readdir(join(job.folder, 'in'))).toEqual(['swf.102363.000001.stf.part']);
  });

  it('is fetched again when a try brings other bytes', async () => {
    await using job = await aJobWithAddress((bytes) => oneByOne(whole(bytes.subarray(0, 9000)), whole(bytes)));
    expect(await job.run()).toMatchObject({ code: 0, log: expect.stringContaining('it has 9000 bytes') });
  });

  it('keeps to its folder whatever its name is', async () => {
    await using job = await aJobWithAddress(whole);
    expect(await job.run({ name: '../../stolen' })).toMatchObject({ code: 64 });
    expect(job.server.seen).toHaveLength(0);
  });
});
