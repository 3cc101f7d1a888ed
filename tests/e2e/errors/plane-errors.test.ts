import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { aFolder, aHouse, sendTo } from '../planes/test-house.ts';

/** What a plane’s functions can be told when they do what they must not: seen in the log of a papilio that runs. */
const work = fileURLToPath(new URL('./error-plane.ts', import.meta.url));
const soon = { timeout: 20_000, interval: 50 };
const Line = z.looseObject({ code: z.string().optional() });

const codesLogged = (folder: string): (string | undefined)[] =>
  readFileSync(join(folder, 'log/work.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => Line.parse(JSON.parse(line)).code);

const codes = [
  ...['bug', 'store-conflict', 'store-item-invalid', 'object-key-invalid', 'object-missing', 'object-exists'],
  ...['store-full', 'tf-exists', 'message-too-large', 'facility-missing', 'facet-not-owned', 'index-lagging'],
  ...['output-invalid', 'needs-a-person', 'incoming-unavailable', 'facility-unavailable'],
];

test('a function that makes a mistake is told by name which, and the plane goes on', async () => {
  const folder = await aFolder();
  const house = await aHouse(folder, { programs: { work }, environment: { PAPILIO_WORK_QUOTA_MB: '20' } });
  for (const code of codes) {
    await sendTo('errors', folder, [code]);
    await expect.poll(() => codesLogged(folder), { ...soon, message: code }).toContain(code);
  }
  expect(house.starts('work')).toBe(1);
}, 60_000);
