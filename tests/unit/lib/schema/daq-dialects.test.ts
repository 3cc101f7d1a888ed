import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { errorCatalogue } from '#lib/error-rows';
import { readDaqBody } from '#schema/daq-dialects';
import { DaqFact } from '#schema/daq-message';

const bodies = (file: string): string[] =>
  readFileSync(new URL(`../../../fixtures/messages/${file}`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.stringify(JSON.parse(line).body));

const runner = bodies('stf_datataking.stf_processing_default.jsonl');
const daqsim = bodies('daqsim.schedule-rt.jsonl');
const problemIn = (body: string) => {
  const reading = readDaqBody(body);
  return reading.dialect === 'unknown' ? reading.problem : undefined;
};
const start = { msg_type: 'start_run', run_id: 102_363, timestamp: '2026-11-24T06:39:12.559490' };
const stf = { ...start, msg_type: 'stf_gen', filename: 'swf.102363.000001.stf', sequence: 1 };
const said = (fields: object) => problemIn(JSON.stringify(fields));

describe('the recorded streams', () => {
  test.each([
    ['runner', runner, 15],
    ['daqsim', daqsim, 72],
  ] as const)('every message of the %s is read', (dialect, lines, count) => {
    expect(lines).toHaveLength(count);
    for (const line of lines) {
      const reading = readDaqBody(line);
      expect(reading).toMatchObject({ dialect });
      if (reading.dialect !== 'unknown') expect(DaqFact.parse(reading.fact)).toEqual(reading.fact);
    }
  });

  test('the runner tells of an STF by sequence, and of its state', () => {
    expect(readDaqBody(runner[2] ?? '')).toEqual({
      dialect: 'runner',
      fact: {
        type: 'stf_gen',
        run: 102_363,
        name: 'swf.102363.000001.stf',
        sequence: 1,
        stampedAt: '2026-11-24T06:39:12.559524Z',
        order: 14.2,
        state: 'run',
        substate: 'physics',
      },
    });
  });

  test('daqsim tells of an STF by its name, size and checksum', () => {
    expect(readDaqBody(daqsim[2] ?? '')).toEqual({
      dialect: 'daqsim',
      fact: {
        type: 'stf_gen',
        run: 1001,
        name: 'swf.001001.000000.stf',
        sequence: 0,
        stampedAt: '2026-11-24T06:39:13.059750Z',
        order: 0,
        state: 'no_beam',
        substate: 'calib',
        sizeBytes: 158,
        checksumAdler32: 'd5702930',
      },
    });
  });

  test('the end of a run tells how many STFs it had, where the dialect does', () => {
    expect(readDaqBody(runner.at(-1) ?? '')).toMatchObject({ fact: { type: 'end_run', totalStfs: 10 } });
    expect(readDaqBody(daqsim.at(-1) ?? '')).not.toHaveProperty('fact.totalStfs');
  });

  test('cut anywhere, a message is unreadable and never something else', () => {
    for (const line of [runner[0], runner[2], daqsim[2]].map(String))
      for (let end = 0; end < line.length; end++)
        expect(problemIn(line.slice(0, end))).toMatchObject({ code: 'message-unreadable' });
  });
});

describe('what cannot be read', () => {
  test.each([
    ['', 'message-unreadable', 'empty'],
    ['null', 'message-unreadable', 'not a JSON object: null'],
    ['[]', 'message-unreadable', 'not a JSON object: []'],
    ['"start_run"', 'message-unreadable', 'not a JSON object: "start_run"'],
    ['{"msg_type":"start_run"', 'message-unreadable', 'not a JSON object'],
    ['{}', 'message-invalid', 'msg_type is missing'],
    ['{"msg_type":5}', 'message-invalid', 'msg_type is missing'],
    ['{"msg_type":"beam_dump"}', 'message-type-unknown', '"beam_dump"'],
    ['{"__proto__":{"msg_type":"start_run"}}', 'message-invalid', 'msg_type is missing'],
  ])('%s', (body, code, reason) => {
    expect(problemIn(body)).toEqual({ code, reason: expect.stringContaining(reason) });
  });

  test.each([
    ['a missing run', { ...start, run_id: undefined }, 'message-invalid', 'run_id'],
    ['a missing time', { ...start, timestamp: undefined }, 'message-invalid', 'timestamp is missing'],
    ['a missing file name', { ...stf, filename: undefined }, 'message-invalid', 'filename is missing'],
    ['a run in words', { ...start, run_id: '102363' }, 'message-invalid', 'run_id'],
    ['half a run', { ...start, run_id: 1.5 }, 'message-invalid', 'run_id'],
    ['run 2^60', { ...start, run_id: 2 ** 60 }, 'run-number-out-of-range', String(2 ** 60)],
    ['run 10^8', { ...start, run_id: 100_000_000 }, 'run-number-out-of-range', '100000000'],
    ['run -1', { ...start, run_id: -1 }, 'run-number-out-of-range', '-1'],
    ['a day that is none', { ...start, timestamp: '2026-13-45T06:39:12' }, 'message-invalid', 'timestamp'],
    ['an hour that is none', { ...start, timestamp: '20261124996161' }, 'message-invalid', 'timestamp'],
    ['a local time', { ...start, timestamp: '2026-11-24T06:39:12+02:00' }, 'message-invalid', 'timestamp'],
    ['a number for a time', { ...start, timestamp: 5 }, 'message-invalid', 'timestamp'],
    ['a state of its own', { ...start, state: 'party' }, 'message-invalid', 'state'],
    ['a path for a name', { ...stf, filename: '../../x' }, 'stf-name-invalid', '../../x'],
    ['a path before the name', { ...stf, filename: '/etc/swf.102363.000001.stf' }, 'stf-name-invalid', '/etc'],
    ['a line after the name', { ...stf, filename: 'swf.102363.000001.stf\n' }, 'stf-name-invalid', 'swf'],
    ['a short sequence', { ...stf, filename: 'swf.102363.1.stf' }, 'stf-name-invalid', 'swf.102363.1.stf'],
    ['another run', { ...stf, filename: 'swf.102364.000001.stf' }, 'stf-name-mismatch', '102364'],
    ['another sequence', { ...stf, sequence: 2 }, 'stf-name-mismatch', 'sequence 2'],
    [
      'a sequence of 9 digits',
      { ...stf, filename: 'swf.102363.100000000.stf' },
      'stf-sequence-out-of-range',
      '100000000',
    ],
    [
      'a sequence with zeros to 9 digits',
      { ...stf, filename: 'swf.102363.000000001.stf' },
      'stf-name-invalid',
      '000000001',
    ],
  ])('%s', (_, fields, code, reason) => {
    expect(said(fields)).toEqual({ code, reason: expect.stringContaining(reason) });
  });

  test('a huge text ends in a short reason', () => {
    const huge = 'x'.repeat(5_000_000);
    for (const body of [
      huge,
      JSON.stringify({ msg_type: huge }),
      JSON.stringify({ ...start, state: huge }),
      JSON.stringify({ ...stf, filename: huge }),
      JSON.stringify({ ...start, timestamp: huge }),
    ])
      expect(problemIn(body)?.reason.length).toBeLessThan(500);
  });

  test.each([10_000, 1_000_000])('a message %i levels deep is read or refused, and nothing else happens', (depth) => {
    expect(problemIn('['.repeat(depth))).toMatchObject({ code: 'message-unreadable' });
    const deep = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
    expect(readDaqBody(JSON.stringify(start).replace('}', `,"extra":${deep}}`))).toMatchObject({ dialect: 'runner' });
  });

  test('a field called __proto__ changes nothing', () => {
    const body = `{"__proto__":{"run_id":5,"state":"off"},${JSON.stringify(start).slice(1)}`;
    expect(readDaqBody(body)).toEqual(readDaqBody(JSON.stringify(start)));
  });
});

describe('what is odd beside what is said', () => {
  const remarksIn = (fields: object) => {
    const reading = readDaqBody(JSON.stringify(fields));
    return reading.dialect === 'unknown' || reading.fact.type === 'other' ? undefined : reading.fact.remarks;
  };

  test.each([
    ['a negative size', { ...stf, size: -1 }, 'stf-size-malformed', '-1 is'],
    ['half a size', { ...stf, size: 1.5 }, 'stf-size-malformed', '1.5 is'],
    ['a size in words', { ...stf, size: '158' }, 'stf-size-malformed', '"158" is'],
    ['no size', { ...stf, size: null }, 'stf-size-malformed', 'null is'],
    ['a checksum of another kind', { ...stf, checksum: 'md5:0123' }, 'stf-checksum-malformed', '"md5:0123" is'],
    ['a checksum in capitals', { ...stf, checksum: 'ad:D5702930' }, 'stf-checksum-malformed', 'ad:<8 hex digits>'],
    ['a huge checksum', { ...stf, checksum: 'x'.repeat(90_000) }, 'stf-checksum-malformed', '"xxx'],
    ['conditions in a list', { ...start, run_conditions: ['5 GeV'] }, 'run-conditions-malformed', '["5 GeV"] is'],
    ['huge conditions', { ...start, run_conditions: { a: 'x'.repeat(2000) } }, 'run-conditions-malformed', 'more than'],
  ])('%s: the message is read all the same', (_, fields, rule, reason) => {
    expect(remarksIn(fields)).toEqual([{ rule, reason: expect.stringContaining(reason) }]);
  });

  test('an STF of which size and checksum are malformed has both remarks, and neither', () => {
    const reading = readDaqBody(JSON.stringify({ ...stf, size: 'big', checksum: 5 }));
    expect(reading).toMatchObject({ dialect: 'runner', fact: { type: 'stf_gen', sequence: 1 } });
    expect(remarksIn({ ...stf, size: 'big', checksum: 5 })?.map(({ rule }) => rule)).toEqual([
      'stf-size-malformed',
      'stf-checksum-malformed',
    ]);
    expect(reading).not.toHaveProperty('fact.sizeBytes');
    expect(reading).not.toHaveProperty('fact.checksumAdler32');
  });

  test('the conditions of a run are kept', () => {
    expect(readDaqBody(daqsim[0] ?? '')).toMatchObject({
      fact: { type: 'run_imminent', conditions: { beam_energy: '5 GeV', magnetic_field: '1.5T' } },
    });
  });
});

describe('random input', () => {
  const anything = fc.anything({ withBigInt: false, maxDepth: 3 });
  const never = (body: string) => {
    const reading = readDaqBody(body);
    if (reading.dialect === 'unknown') expect(Object.keys(errorCatalogue)).toContain(reading.problem.code);
    else expect(DaqFact.parse(reading.fact)).toEqual(reading.fact);
  };

  test('any text has a reading', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 500 }), never));
  });

  test('any JSON has a reading', () => {
    fc.assert(fc.property(fc.json(), never));
  });

  test('any values in the known fields have a reading that fits our own schema', () => {
    const fields = fc.record(
      {
        msg_type: fc.oneof(fc.constantFrom('stf_gen', 'start_run', 'end_run', 'slice'), fc.string()),
        run_id: fc.oneof(fc.nat(99_999_999), anything),
        timestamp: fc.oneof(fc.constant(start.timestamp), anything),
        filename: fc.oneof(fc.constant('swf.5.000001.stf'), anything),
        sequence: anything,
        state: anything,
        substate: anything,
        size: anything,
        checksum: anything,
        simulation_tick: anything,
        total_stf_files: anything,
        run_conditions: anything,
      },
      { requiredKeys: [] },
    );
    fc.assert(fc.property(fields, (value) => never(JSON.stringify(value))));
  });

  test('a recorded message with one byte changed has a reading', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...runner, ...daqsim),
        fc.nat(),
        fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }),
        (line, place, other) => {
          const at = place % line.length;
          never(line.slice(0, at) + other + line.slice(at + 1));
        },
      ),
    );
  });
});
