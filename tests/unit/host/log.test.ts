import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFunctionLog, createLogTail } from '../../../local/host/function-log.ts';
import { lineSplitter, longestLine } from '../../../local/host/instance/line-splitter.ts';
import { logTailBytes } from '../../../local/host/runner.ts';

const split = (chunks: readonly Buffer[]): readonly string[] => {
  const lines: string[] = [];
  const splitter = lineSplitter((line) => lines.push(line));
  for (const chunk of chunks) splitter.write(chunk);
  splitter.flush();
  return lines;
};

describe('what a process writes', () => {
  test('comes out as its lines, wherever the pipe cuts it', () => {
    const text = fc.array(
      fc.string({ unit: 'grapheme' }).map((line) => line.replaceAll('\n', '')),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(text, fc.array(fc.nat()), (lines, cuts) => {
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
        const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
        const chunks = [0, ...places].map((from, n) => bytes.subarray(from, places[n] ?? bytes.length));
        expect(split(chunks)).toEqual(lines);
      }),
    );
  });

  test('is cut where a line has no end, and nothing of it is lost', () => {
    const long = 'x'.repeat(3 * longestLine + 7);
    const lines = split([Buffer.from(long)]);
    expect(lines.join('')).toBe(long);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(4 * longestLine);
    expect(split([Buffer.from(`${long}\nshort`)]).at(-1)).toBe('short');
  });
});

describe('the tail of a log', () => {
  test('is the end of what was said, never longer than Lambda gives, never half a character', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 3000 })), (lines) => {
        const tail = createLogTail();
        for (const line of lines) tail.add(line);
        const all = lines.map((line) => `${line}\n`).join('');
        const text = tail.text();
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(logTailBytes);
        expect(all.endsWith(text)).toBe(true);
        if (Buffer.byteLength(all) <= logTailBytes) expect(text).toBe(all);
      }),
    );
  });
});

describe('the log of a function', () => {
  const line = (n: number, text = `line ${n}`) => ({ at: new Date(n * 1000).toISOString(), instance: 'i', text });

  test('keeps the newest lines and tells them by moment and number', () => {
    const log = createFunctionLog();
    for (let n = 0; n < 2500; n += 1) log.write(line(n));
    expect(log.read()).toHaveLength(2000);
    expect(log.read()[0]).toEqual(line(500));
    expect(log.read({ limit: 2 })).toEqual([line(2498), line(2499)]);
    expect(log.read({ sinceMs: 2_497_000, limit: 2 })).toEqual([line(2498), line(2499)]);
    expect(log.read({ sinceMs: 2_499_000 })).toEqual([line(2499)]);
  });

  test('keeps no more than a megabyte', () => {
    const log = createFunctionLog();
    for (let n = 0; n < 200; n += 1) log.write(line(n, 'x'.repeat(16_000)));
    expect(log.read().reduce((sum, { text }) => sum + text.length, 0)).toBeLessThanOrEqual(1_000_000);
    expect(log.read().at(-1)?.at).toBe(line(199).at);
  });

  test('tells those who follow it, until they stop', () => {
    const log = createFunctionLog();
    const heard: string[] = [];
    const stop = log.follow(({ text }) => heard.push(text));
    log.write(line(1));
    stop();
    log.write(line(2));
    expect(heard).toEqual(['line 1']);
  });
});
