import { readdir, readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { HitsFile } from '../../../../../local/sim/payload/hits-file.ts';
import { aFolder } from '../stf-folder.ts';
import { readJson, runPayload } from './payload-process.ts';

it('the payload that warms up reads an STF of its own making with the payload of STFs', async () => {
  await using folder = await aFolder();
  const job = { inputs: [], output: 'warm/out/hits.json', attempt: 'a1', tally: folder.at('tally') };
  expect(await runPayload('warm', folder.at('job'), job)).toMatchObject({ code: 0 });
  const hits = HitsFile.parse(await readJson(folder.at('job'), 'warm/out/hits.json'));
  expect(hits.hits).toBeGreaterThan(0);
  expect((await readdir(folder.at('job'))).toSorted()).toEqual(['job.json', 'warm']);
  expect((await readFile(folder.at('tally'), 'utf8')).trimEnd().split('\n')).toHaveLength(2);
});
