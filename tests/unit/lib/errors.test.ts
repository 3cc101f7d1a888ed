import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { errorCatalogue } from '#lib/error-rows';
import { asPapilioError, type ErrorCode, PapilioError, problemOf, statusOfKind } from '#lib/errors';

const isCode = (text: string): text is ErrorCode => Object.hasOwn(errorCatalogue, text);
const codes = Object.keys(errorCatalogue).filter(isCode);
const code = fc.constantFrom(...codes);
const reason = fc.string({ unit: 'binary', minLength: 1, maxLength: 200 });

/** What Lambda, and the engine, put into `Cause`. */
const causeOf = (error: Error): string =>
  JSON.stringify({ errorType: error.name, errorMessage: error.message, trace: [] });

describe('the catalogue', () => {
  test.each(codes)('%s has a kind with a status, a sentence and something to do', (one) => {
    const row = errorCatalogue[one];
    expect(statusOfKind[row.kind]).toBeGreaterThanOrEqual(200);
    expect(row.message).toMatch(/^[A-Z].{10,}[^.]$/);
    expect(row.todo).toMatch(/^[A-Z`].{10,}\.$/);
  });

  test('an error is named after its kind, so that a state machine can match on it', () => {
    const error = new PapilioError('store-full', '/data', new Error('ENOSPC'));
    expect(error).toMatchObject({ name: 'Transient', kind: 'Transient', code: 'store-full', reason: '/data' });
    expect(error.message).toBe('[store-full] No space is left where papilio writes: /data');
    expect(error.cause).toMatchObject({ message: 'ENOSPC' });
  });

  test.each([
    [new Error('boom'), 'boom'],
    ['text', 'text'],
    [undefined, 'undefined'],
    [null, 'null'],
  ])('what is thrown otherwise is a bug: %s', (thrown, expected) => {
    expect(asPapilioError(thrown)).toMatchObject({ code: 'bug', name: 'Bug', reason: expected });
  });
});

describe('code and reason out of a state machine', () => {
  test('come back from a message, whatever the reason says', () => {
    fc.assert(
      fc.property(code, reason, (one, why) => {
        const error = new PapilioError(one, why);
        expect(problemOf(error.message)).toEqual({ code: one, reason: `${errorCatalogue[one].message}: ${why}` });
      }),
    );
  });

  test('come back from a Cause, whatever the reason says', () => {
    fc.assert(
      fc.property(code, reason, (one, why) => {
        const error = new PapilioError(one, why);
        expect(problemOf(causeOf(error))).toEqual({ code: one, reason: `${errorCatalogue[one].message}: ${why}` });
      }),
    );
  });

  test.each(['[stf-corrupt] An STF: said "a","b" and\nmore', '[stf-corrupt] An STF: ends in "}'])(
    'survive quotes, commas and lines: %j',
    (text) => {
      const expected = { code: 'stf-corrupt', reason: text.slice('[stf-corrupt] '.length) };
      expect(problemOf(JSON.stringify({ errorType: 'Invalid', errorMessage: text, trace: [] }))).toEqual(expected);
      expect(problemOf(JSON.stringify({ trace: [], errorMessage: text }))).toEqual(expected);
    },
  );

  test.each([
    'States.Timeout',
    '',
    '{"errorMessage":5}',
    '[no-such-code] something',
    '[__proto__] something',
    '[constructor] something',
    '[unclosed',
    '{"errorMessage":"[stf-corr',
  ])('are a bug with the whole text where nothing fits: %j', (text) => {
    expect(problemOf(text).code).toBe('bug');
    if (text.length > 0) expect(problemOf(text).reason.length).toBeGreaterThan(0);
  });

  test('are found in linear time', () => {
    const hostile = `${'['.repeat(50_000)}[a${'-a'.repeat(50_000)}`;
    const before = performance.now();
    expect(problemOf(hostile).code).toBe('bug');
    expect(performance.now() - before).toBeLessThan(2000);
  });
});
