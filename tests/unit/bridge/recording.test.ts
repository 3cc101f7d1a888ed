import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readDaqBody } from '#schema/daq-dialects';
import { createPacer } from '../../../clients/bridge/pacer.ts';
import { type Pace, type RecordedLine, readRecording } from '../../../clients/bridge/recording.ts';
import { judge } from '../../../functions/daq/timeline.ts';
import { demoRecording } from '../../../local/sim/daq/demo.ts';
import { aFolder } from '../../builders/a-folder.ts';

const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/messages/${name}`, import.meta.url));
const all = async (path: string, first = 0, pace: Pace = 'tick'): Promise<RecordedLine[]> => {
  const lines: RecordedLine[] = [];
  for await (const line of readRecording(path, first, pace)) lines.push(line);
  return lines;
};
const read = async (text: string, first = 0, pace: Pace = 'tick') => {
  using folder = aFolder();
  const path = join(folder.path, 'recording.jsonl');
  writeFileSync(path, text);
  // Awaited here: the folder goes with this block.
  return await all(path, first, pace);
};
const aLine = (fields: object) => JSON.stringify({ destination: '/d', tick: 1, body: { msg_type: 'x' }, ...fields });

describe('a recording', () => {
  test.each([
    ['stf_datataking.stf_processing_default.jsonl', 15, 5],
    ['daqsim.schedule-rt.jsonl', 72, undefined],
  ])('%s is read line by line with its ticks', async (name, count, firstAtS) => {
    const lines = await all(fixture(name));
    expect(lines.map(({ line }) => line)).toEqual([...Array(count).keys()]);
    expect(lines[0]?.atS).toBe(firstAtS);
  });

  test('goes on from any line', async () => {
    const path = fixture('stf_datataking.stf_processing_default.jsonl');
    expect(await all(path, 12)).toEqual((await all(path)).slice(12));
    expect(await all(path, 99)).toEqual([]);
  });

  test('is paced by the start of its STFs where that is asked for', async () => {
    const atS = (await all(fixture('daqsim.schedule-rt.jsonl'), 0, 'start')).map((line) => line.atS);
    expect(atS.slice(0, 2)).toEqual([undefined, undefined]);
    expect(atS[2]).toBeCloseTo(Date.UTC(2026, 10, 24, 6, 39, 13) / 1000 + 0.05975, 5);
    expect(atS.at(-1)).toBeUndefined();
  });

  test('blank lines are none, and the last needs no line feed', async () => {
    const lines = await read(`\n${aLine({ tick: 1 })}\n\n  \r\n${aLine({ tick: 2 })}`);
    expect(lines.map(({ line, atS }) => [line, atS])).toEqual([
      [1, 1],
      [4, 2],
    ]);
    expect(await read('')).toEqual([]);
  });

  test('may begin with a byte order mark, which is part of no message', async () => {
    const lines = await read(`\uFEFF${aLine({ tick: 1 })}\n${aLine({ tick: 2 })}`);
    expect(lines.map(({ frame, atS }) => [frame.body, atS])).toEqual([
      ['{"msg_type":"x"}', 1],
      ['{"msg_type":"x"}', 2],
    ]);
  });

  test.each([
    ['a truncated line', aLine({}).slice(0, -5)],
    ['a line that is no record', '[1,2]'],
    ['a line without a body', '{"destination":"/d"}'],
    ['a body that is no message', '{"body":7}'],
    ['a destination that is none', '{"destination":7,"body":{}}'],
    ['no JSON', 'hello'],
    ['a carriage return within', 'hel\rlo'],
  ])('%s is delivered as it is, and what follows is read', async (_, text) => {
    const lines = await read(`${text}\n${aLine({ tick: 2 })}\n`);
    expect(lines[0]).toEqual({ line: 0, frame: { destination: '', body: text }, atS: undefined });
    expect(lines[1]).toMatchObject({ line: 1, atS: 2 });
  });

  test('a body in text is delivered as it was, JSON or not', async () => {
    const lines = await read([aLine({ body: '{"msg_type"' }), aLine({ body: '' })].join('\n'));
    expect(lines.map(({ frame }) => frame.body)).toEqual(['{"msg_type"', '']);
  });

  test('a line ends at a line feed and nowhere else', async () => {
    const text = '{"destination":"/d","body":{"msg_type":"a\u2028b\u2029c\u0085d"}}';
    expect((await read(`${text}\r\n${text}`)).map(({ frame }) => JSON.parse(frame.body).msg_type)).toEqual(
      Array(2).fill('a\u2028b\u2029c\u0085d'),
    );
  });

  test('characters of many bytes survive wherever the file is cut into pieces', async () => {
    const body = { msg_type: '€😀'.repeat(60_000) };
    const lines = await read(`${aLine({ body })}\n`.repeat(3));
    expect(lines.map(({ frame }) => frame.body)).toEqual(Array(3).fill(JSON.stringify(body)));
  });

  test('a body too deep to be written again is delivered with its line', async () => {
    const deep = `{"body":{"msg_type":"x","a":${'['.repeat(200_000)}${']'.repeat(200_000)}}}`;
    const lines = await read(`${deep}\n${aLine({})}`);
    expect(lines).toHaveLength(2);
    expect(lines[0]?.frame.body.length).toBeGreaterThan(400_000);
  });
});

describe('the pacer', () => {
  const moment = fc.option(fc.double({ min: -1e6, max: 1e6 }), { nil: undefined });

  test('never goes back, whatever the clock of the recording does', () => {
    fc.assert(
      fc.property(fc.array(moment), fc.double({ min: 0.001, max: 1000, noNaN: true }), (moments, speed) => {
        const dueMsOf = createPacer(speed);
        let last = 0;
        for (const atS of moments) {
          const dueMs = dueMsOf(atS);
          expect(dueMs).toBeGreaterThanOrEqual(last);
          last = dueMs;
        }
      }),
    );
  });

  test('is the recording’s own pace, times the speed', () => {
    const dueMsOf = createPacer(2);
    expect([100, 101, undefined, 104, 103, Number.NaN, 105].map(dueMsOf)).toEqual([
      0, 500, 500, 2000, 2000, 2000, 2500,
    ]);
  });
});

describe('the demo stream', () => {
  test.each([1, 2, 12])('of %i STFs is read as a recording, and every step of it is legal', async (stfs) => {
    const lines = await read(demoRecording(42, new Date('2026-01-01T00:00:00Z'), stfs).join('\n'));
    const facts = lines.flatMap(({ frame }) => {
      const reading = readDaqBody(frame.body);
      return reading.dialect === 'runner' ? [reading.fact] : [];
    });
    expect(facts).toHaveLength(lines.length);
    const sequences = facts.flatMap((fact) => (fact.type === 'stf_gen' ? [fact.sequence] : []));
    expect(sequences).toEqual(Array.from({ length: stfs }, (_, at) => at + 1));
    const observed = facts.flatMap((fact) => {
      if (fact.type === 'stf_gen' || fact.type === 'other') return [];
      const { type, stampedAt, order, state, substate, totalStfs } = fact;
      const pair = state && substate ? { pair: { state, substate } } : {};
      const total = totalStfs === undefined ? {} : { totalStfs };
      return [{ messageId: type, type, stampedAt, order, receivedAt: stampedAt, raw: '', ...pair, ...total }];
    });
    const steps = judge(observed);
    expect(steps.map(({ type, isLegal }) => [type, isLegal])).toEqual(
      ['run_imminent', 'start_run', 'pause_run', 'resume_run', 'end_run'].map((type) => [type, true]),
    );
    expect(steps.at(-1)?.totalStfs).toBe(stfs);
    const ticks = lines.map(({ atS }) => atS ?? Number.NaN);
    expect(ticks).toEqual(ticks.toSorted((a, b) => a - b));
  });
});
