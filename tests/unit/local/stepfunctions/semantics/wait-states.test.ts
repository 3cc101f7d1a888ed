import { describe, expect, test } from 'vitest';
import { machineOf } from '../../../../builders/a-states-part.ts';
import { guide, inState, outcomeOf } from '../../../../builders/an-outcome.ts';

const wait = (fields: object) => machineOf({ W: { Type: 'Wait', ...fields, End: true } });

/** How long the wait takes, in seconds, or how it fails. */
const lasting = async (fields: object, input: unknown = {}): Promise<number | string> => {
  const { text, endedAtS } = await outcomeOf(wait(fields), input, { withinS: 100 });
  return text === JSON.stringify(input) ? endedAtS : text;
};

describe(guide('state-wait'), () => {
  // The clock of a test starts at 2026-01-01T00:00:00Z and is looked at once a second.
  test.each<[fields: object, input: unknown, lastsS: number]>([
    [{ Seconds: 10 }, {}, 10],
    [{ Seconds: 1 }, {}, 1],
    [{ SecondsPath: '$.s' }, { s: 7 }, 7],
    [{ SecondsPath: '$.a.b[0]' }, { a: { b: [3] } }, 3],
    [{ SecondsPath: '$' }, 4, 4],
    [{ InputPath: '$', SecondsPath: '$.s' }, { s: 2 }, 2],
    [{ Timestamp: '2026-01-01T00:00:20Z' }, {}, 20],
    [{ Timestamp: '2026-01-01T00:00:20.000Z' }, {}, 20],
    [{ Timestamp: '2026-01-01T01:00:05+01:00' }, {}, 5],
    [{ Timestamp: '2025-12-31T22:30:06-01:30' }, {}, 6],
    [{ TimestampPath: '$.t' }, { t: '2026-01-01T00:00:09Z' }, 9],
    [{ TimestampPath: '$.t' }, { t: '2026-01-01T00:00:09.00Z' }, 9],
    [{ TimestampPath: '$.t' }, { t: '2026-01-01T00:00:09.0000000Z' }, 9],
    [{ TimestampPath: '$.l[1]' }, { l: [0, '2026-01-01T00:00:02Z'] }, 2],
  ])('%j of %j lasts %i s', async (fields, input, lastsS) => {
    expect(await lasting(fields, input)).toBe(lastsS);
  });

  test.each<[fields: object, input: unknown]>([
    [{ Seconds: 0 }, {}],
    [{ SecondsPath: '$.s' }, { s: 0 }],
    [{ Timestamp: '2020-01-01T00:00:00Z' }, {}],
    [{ TimestampPath: '$.t' }, { t: '1970-01-01T00:00:00Z' }],
  ])('%j of %j is over at once', async (fields, input) => {
    expect(await lasting(fields, input)).toBeLessThanOrEqual(1);
  });

  test.each<[fields: object, input: unknown]>([
    [{ SecondsPath: '$.s' }, { s: 'ten' }],
    [{ SecondsPath: '$.s' }, { s: '10' }],
    [{ SecondsPath: '$.s' }, { s: null }],
    [{ SecondsPath: '$.s' }, { s: -1 }],
    [{ SecondsPath: '$.s' }, {}],
    [{ SecondsPath: '$.s' }, { s: [1] }],
    [{ TimestampPath: '$.t' }, { t: 1 }],
    [{ TimestampPath: '$.t' }, {}],
    [{ TimestampPath: '$.t' }, { t: '2026-01-01' }],
    [{ TimestampPath: '$.t' }, { t: '2026-01-01 00:00:09Z' }],
  ])('%j of %j fails', async (fields, input) => {
    expect(await lasting(fields, input)).toMatch(
      /^States\.Runtime: An error occurred while executing the state 'W' \(entered at the event id #2\)\. /,
    );
  });

  test.each(['2026-01-01T00:00:09', '2026-01-01T00:00:09.000', '2026-01-01T00:00:09.000000', 'soon'])(
    '%j is no ISO 8601 date and time with an offset',
    async (t) => {
      const reason =
        'The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string';
      expect(await lasting({ TimestampPath: '$.t' }, { t })).toBe(
        `States.Runtime: ${inState('W', `${reason}: $.t == ${t}`)}`,
      );
    },
  );

  test.each<[fields: object]>([
    [{}],
    [{ Seconds: 1, SecondsPath: '$.s' }],
    [{ Seconds: 1, Timestamp: '2026-01-01T00:00:00Z' }],
    [{ Timestamp: '2026-01-01T00:00:00Z', TimestampPath: '$.t' }],
    [{ Seconds: -1 }],
    [{ Seconds: '1' }],
    [{ Seconds: 100_000_000 }],
    [{ Timestamp: '2026-01-01' }],
    [{ Timestamp: 'soon' }],
    [{ Timestamp: 1 }],
    [{ SecondsPath: 's' }],
    [{ SecondsPath: 1 }],
    [{ TimestampPath: 'States.UUID()' }],
  ])('%j is refused with the definition', async (fields) => {
    expect(await lasting(fields)).toMatch(/^refused: Invalid State Machine Definition/);
  });

  test('it may wait as long as an execution can live', async () => {
    const { text } = await outcomeOf(wait({ Seconds: 99_999_999 }), {}, { withinS: 10 });
    expect(text).toBe('RUNNING');
  });
});
