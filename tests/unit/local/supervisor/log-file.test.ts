import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { asJsonLine, lineCutter, openLogFile } from '../../../../local/supervisor/log-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'papilio-log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a log never grows beyond its limits and its newest lines are there', () => {
  const path = join(folder, 'work.jsonl');
  const log = openLogFile(path, { sizeBytes: 100, kept: 2 });
  for (let nth = 0; nth < 100; nth++) log.line(`line ${nth}`);
  expect(readdirSync(folder).sort()).toEqual(['work.jsonl', 'work.jsonl.1', 'work.jsonl.2']);
  for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).size).toBeLessThanOrEqual(100);
  expect(readFileSync(path, 'utf8').trimEnd().split('\n').at(-1)).toBe('line 99');
});

test('files beyond a lower number of kept ones go with the next turn', () => {
  const path = join(folder, 'work.jsonl');
  const many = openLogFile(path, { sizeBytes: 20, kept: 5 });
  for (let nth = 0; nth < 20; nth++) many.line(`line ${nth}`);
  expect(readdirSync(folder)).toHaveLength(6);
  const few = openLogFile(path, { sizeBytes: 20, kept: 2 });
  for (let nth = 0; nth < 20; nth++) few.line(`line ${nth}`);
  expect(readdirSync(folder).sort()).toEqual(['work.jsonl', 'work.jsonl.1', 'work.jsonl.2']);
});

test('a log that cannot be written costs lines, not the process', () => {
  const log = openLogFile(join(folder, 'no', 'such', 'folder.jsonl'), { sizeBytes: 100, kept: 2 });
  expect(() => log.line('lost')).not.toThrow();
  expect(existsSync(join(folder, 'no'))).toBe(false);
});

test('lines are the same however the stream is cut', async () => {
  await fc.assert(
    fc.property(
      fc.array(fc.string({ minLength: 1 }).filter((line) => !line.includes('\n'))),
      fc.infiniteStream(fc.integer({ min: 1, max: 7 })),
      (lines, sizes) => {
        const found: string[] = [];
        const cutter = lineCutter((line) => found.push(line));
        let rest = lines.join('\n');
        while (rest !== '') {
          const size = sizes.next().value ?? 1;
          cutter.push(rest.slice(0, size));
          rest = rest.slice(size);
        }
        cutter.end();
        expect(found).toEqual(lines);
      },
    ),
  );
});

test('output that is no JSON is wrapped, so that the file stays readable line by line', () => {
  expect(asJsonLine('work', '{"msg":"fine"}', 'now')).toBe('{"msg":"fine"}');
  expect(JSON.parse(asJsonLine('work', 'Error: "no"', 'now'))).toEqual({
    level: 50,
    at: 'now',
    process: 'work',
    text: 'Error: "no"',
  });
});
