import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writerOf } from '../../../clients/cli/format.ts';
import { run } from '../../../clients/cli/program.ts';
import { harmless, harmlessLine, harmlessRow } from '../../../clients/cli/words.ts';

/** What a terminal obeys: control characters but for ends of lines and tabs, and marks that turn the direction of text. */
const obeyed = /[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/u;
const esc = '\u001b';
const anything = fc.string({
  unit: fc.oneof(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), fc.constant(esc)),
});

const papilio = async (words: readonly string[]) => {
  const written = { out: '', err: '' };
  const stream = (name: 'out' | 'err') => ({
    write: (text: string | Uint8Array) => {
      written[name] += text;
    },
  });
  const signal = new AbortController().signal;
  const code = await run(words, { out: stream('out'), err: stream('err'), signal });
  return { ...written, code };
};

describe('what strangers have written', () => {
  it('has nothing in it that a terminal obeys', () => {
    fc.assert(fc.property(anything, (text) => !obeyed.test(harmless(text))));
  });

  it('can at most be coloured in a line that papilio paints', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const plain = harmlessLine(`${esc}[31m${text}${esc}[39m`)
          .split(/\p{Cc}\[[\d;]*m/u)
          .join('');
        return !obeyed.test(plain);
      }),
    );
    expect(harmlessLine(`${esc}[31mred${esc}[39m`)).toBe(`${esc}[31mred${esc}[39m`);
    expect(harmlessLine(`\u009b31m, ${esc}[2J, ${esc}]0;title\u0007`)).toBe(
      '\u{fffd}31m, \u{fffd}[2J, \u{fffd}]0;title\u{fffd}',
    );
  });

  it.each(['json', 'jsonl', 'yaml', 'csv'] as const)(
    'moves no terminal as %s, and is the same for programs',
    async (format) => {
      const writer = await writerOf(format, undefined);
      const item = { why: `a\u009b2J\u202e and ${esc}]0;x\u0007` };
      const text = writer?.list([item]).join('\n') ?? '';
      const seen = text.split('\n').map(harmlessRow).join('\n');
      expect(obeyed.test(seen.replaceAll(/\r$/gm, ''))).toBe(false);
      if (format === 'json') expect(JSON.parse(seen)).toEqual([item]);
      if (format === 'jsonl') expect(JSON.parse(seen)).toEqual(item);
      if (format === 'csv') expect(seen).toMatch(/^why\r\n.*\r$/);
    },
  );

  it('is told back in an error without what clears the screen', async () => {
    const { err, code } = await papilio(['why', `swf${esc}[2J`]);
    expect(code).toBe(2);
    expect(err).toContain('swf\u{fffd}[2J is neither an STF nor a job');
  });
});

describe('a command line that cannot be read', () => {
  it.each([
    [['facilty', 'list'], "error[usage]: unknown command 'facilty'"],
    [['sit', 'list'], 'Did you mean site?'],
    [['site', 'drain'], "error[usage]: missing required argument 'site'"],
    [['stf', 'list', '--rum', '1'], 'Did you mean --run?'],
    [['-o', 'xml', 'stf', 'list'], 'error[usage]: option'],
  ])('says what is wrong, and what to try: %j', async (words, wrong) => {
    const { out, err, code } = await papilio(words);
    expect({ out, code }).toEqual({ out: '', code: 2 });
    expect(err).toContain(wrong);
    expect(err).toContain('  try: ');
  });
});
