import { describe, expect, it } from 'vitest';
import type { JobInput } from '../../../../../local/sim/payload/job-file.ts';
import { openInput } from '../../../../../local/sim/payload/open-input.ts';

const input: JobInput = {
  name: 'swf.1.000001.stf',
  url: undefined,
  paths: ['objects/a', 'incoming/a'],
  sizeBytes: undefined,
  checksumAdler32: undefined,
};

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

describe('opening an input', () => {
  it('finds a file that moves to an earlier path between two looks', async () => {
    const looks: string[] = [];
    const opened = await openInput(input, async (path) => {
      looks.push(path);
      // Not yet at the first path when it was looked at, no longer at the second.
      if (looks.length < 3) throw systemError('ENOENT');
      return path;
    });
    expect(opened).toBe('objects/a');
    expect(looks).toEqual(['objects/a', 'incoming/a', 'objects/a']);
  });

  it('gives up after three looks, with every path in its message', async () => {
    let looks = 0;
    const opening = openInput(input, async () => {
      looks++;
      throw systemError('ENOENT');
    });
    await expect(opening).rejects.toMatchObject({
      exitCode: 66,
      message: 'swf.1.000001.stf cannot be read: nothing under objects/a, incoming/a',
    });
    expect(looks).toBe(6);
  });

  it('says at once which path the system refuses', async () => {
    const opening = openInput(input, async () => {
      throw systemError('EACCES');
    });
    await expect(opening).rejects.toMatchObject({
      exitCode: 66,
      message: expect.stringContaining('objects/a: EACCES'),
    });
  });

  it('lets a broken file say itself what is wrong with it', async () => {
    const opening = openInput(input, async () => {
      throw new Error('TF 3: its CRC-32C is wrong');
    });
    await expect(opening).rejects.toThrow('TF 3: its CRC-32C is wrong');
  });
});
