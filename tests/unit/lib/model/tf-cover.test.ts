import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linesOver, type Span, shownLine } from '#lib/model/tf-cover';

const span = (first: number, end: number, sequenceFirst: number, sequenceLast = sequenceFirst): Span => ({
  first,
  end,
  sequenceFirst,
  sequenceLast,
});
const shown = (spans: readonly Span[]) =>
  linesOver(spans).map((line) => {
    const { kind, tfFirst, tfEnd, sequences } = shownLine(0, line);
    return [kind, Number(tfFirst), Number(tfEnd), sequences];
  });

test('what is held, missing and held twice follow each other, each with its STFs', () => {
  expect(shown([span(12, 15, 8), span(0, 5, 4), span(3, 9, 5), span(15, 40, 9, 11)])).toEqual([
    ['held', 0, 3, [4]],
    ['overlap', 3, 5, [4, 5]],
    ['held', 5, 9, [5]],
    ['gap', 9, 12, [5, 8]],
    ['held', 12, 40, [8, 11]],
  ]);
  expect(linesOver([])).toEqual([]);
});

test('of many STFs that overlap, the first twenty are told', () => {
  const [line] = linesOver(Array.from({ length: 30 }, (_, at) => span(0, 5, 29 - at)));
  expect(line && shownLine(0, line).sequences).toEqual(Array.from({ length: 20 }, (_, at) => at));
});

const spans = fc.array(
  fc
    .tuple(fc.nat(40), fc.integer({ min: 1, max: 12 }), fc.nat(9))
    .map(([first, length, sequence]) => span(first, first + length, sequence)),
  { minLength: 1, maxLength: 10 },
);
const kindOf = (holders: number) => (['gap', 'held'] as const)[holders] ?? 'overlap';

test('the lines say of each TF what counting its STFs does, without a break and in the fewest lines', () => {
  fc.assert(
    fc.property(spans, (all) => {
      const lines = linesOver(all);
      const [first, last] = [lines[0], lines.at(-1)];
      expect(first?.first).toBe(Math.min(...all.map((one) => one.first)));
      expect(last?.end).toBe(Math.max(...all.map((one) => one.end)));
      for (const [at, line] of lines.entries()) {
        const next = lines[at + 1];
        if (next) expect([next.first, next.kind !== line.kind]).toEqual([line.end, true]);
        for (let tf = line.first; tf < line.end; tf++) {
          const holders = all.filter((one) => one.first <= tf && tf < one.end);
          expect(line.kind).toBe(kindOf(holders.length));
          if (line.kind === 'overlap')
            expect(line.sequences).toEqual(expect.arrayContaining(holders.map(({ sequenceFirst }) => sequenceFirst)));
        }
      }
    }),
  );
});

test('a gap names the STF that ends where it begins and the one that begins where it ends', () => {
  fc.assert(
    fc.property(spans, (all) => {
      for (const line of linesOver(all).filter(({ kind }) => kind === 'gap')) {
        const [before, after] = line.sequences;
        expect(all.some(({ end, sequenceLast }) => end === line.first && sequenceLast === before)).toBe(true);
        expect(all.some(({ first, sequenceFirst }) => first === line.end && sequenceFirst === after)).toBe(true);
      }
    }),
  );
});
