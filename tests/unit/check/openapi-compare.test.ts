import { describe, expect, it } from 'vitest';
import { decimalUpTo } from '../../../functions/lib/schema/id.ts';
import { breaksOf } from '../../check/openapi-compare.ts';

/** A small interface with everything that can break. */
const released = {
  openapi: '3.1.0',
  paths: {
    '/v1/jobs/{job}': {
      get: {
        operationId: 'getJob',
        parameters: [
          { name: 'job', in: 'path', required: true, schema: { type: 'string', maxLength: 80 } },
          { name: 'state', in: 'query', schema: { type: 'string', enum: ['failed', 'waiting'] } },
          { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 500 } },
          { name: 'If-None-Match', in: 'header', schema: { type: 'string' } },
        ],
        responses: {
          200: { description: '', content: { 'application/json': { schema: { $ref: '#/components/schemas/Job' } } } },
          '4XX': { description: '', content: { 'application/problem+json': { schema: { type: 'object' } } } },
        },
      },
    },
    '/v1/jobs/{id}/cancel': {
      post: {
        operationId: 'cancelJob',
        parameters: [],
        requestBody: {
          content: {
            'application/json': {
              schema: {
                type: 'object',
                required: ['why'],
                properties: {
                  why: { type: 'string', maxLength: 500 },
                  note: { type: ['string', 'null'] },
                  until: { anyOf: [{ type: 'string' }, { type: 'integer' }] },
                },
              },
            },
          },
        },
        responses: { 200: { description: '', content: { 'application/json': { schema: { type: 'object' } } } } },
      },
    },
  },
  components: {
    schemas: {
      Job: {
        type: 'object',
        required: ['id', 'state'],
        properties: {
          id: { type: 'string' },
          state: { type: 'string', enum: ['failed', 'waiting'] },
          parent: { $ref: '#/components/schemas/Job' },
          attempts: { type: 'array', items: { type: 'object', properties: { number: { type: 'integer' } } } },
          notes: { type: 'object', additionalProperties: { type: 'string' } },
        },
      },
    },
  },
};

type Change = readonly [path: string, value: unknown];
const gone = Symbol('gone');

/** The document with a value at a path changed; `gone` takes it away. */
const changed = (...changes: readonly Change[]): unknown => {
  const document: unknown = structuredClone(released);
  for (const [path, value] of changes) {
    const keys = path.split(' ');
    const last = keys.pop() ?? '';
    let at = document;
    for (const key of keys) at = Array.isArray(at) ? at[Number(key)] : Reflect.get(Object(at), key);
    if (value === gone) Reflect.deleteProperty(Object(at), last);
    else Reflect.set(Object(at), last, value);
  }
  return document;
};

const get = 'paths /v1/jobs/{job} get';
const post = 'paths /v1/jobs/{id}/cancel post';
const body = `${post} requestBody content application/json schema`;
const job = 'components schemas Job';

describe('a change that breaks a client of the last release', () => {
  it.each<readonly [string, readonly Change[], RegExp]>([
    ['a path is gone', [['paths /v1/jobs/{job}', gone]], /GET .*: is gone/],
    ['a method is gone', [[`${post}`, gone]], /POST .*: is gone/],
    ['an operation has another name', [[`${get} operationId`, 'readJob']], /is called readJob, was getJob/],
    ['a parameter is gone', [[`${get} parameters 1`, { name: 'x', in: 'query', schema: {} }]], /query state is gone/],
    ['a parameter is needed', [[`${get} parameters 2 required`, true]], /query limit is needed now/],
    [
      'there is a new parameter that is needed',
      [[`${post} parameters`, [{ name: 'x', in: 'query', required: true, schema: {} }]]],
      /query x is needed now/,
    ],
    ['a parameter takes less values', [[`${get} parameters 1 schema enum`, ['failed']]], /takes no "waiting" any more/],
    ['a parameter takes values only', [[`${get} parameters 0 schema enum`, ['a']]], /takes only "a" now/],
    ['a parameter is of another type', [[`${get} parameters 2 schema type`, 'boolean']], /takes no integer any more/],
    ['a parameter is shorter', [[`${get} parameters 0 schema maxLength`, 40]], /maxLength is 40, was 80/],
    ['a parameter has a pattern', [[`${get} parameters 0 schema pattern`, '^a$']], /pattern is \^a\$, was not there/],
    ['a number begins later', [[`${get} parameters 2 schema minimum`, 2]], /minimum is 2, was 1/],
    ['a body is needed', [[`${post} requestBody required`, true]], /a body is needed now/],
    ['a body is gone', [[`${post} requestBody`, gone]], /takes no body any more/],
    [
      'a body is of another kind',
      [[`${post} requestBody content`, { 'text/plain': { schema: {} } }]],
      /takes no application\/json/,
    ],
    ['a field is needed', [[`${body} required`, ['why', 'note']]], /body\.note: is needed now/],
    ['a field is gone', [[`${body} properties note`, gone]], /body\.note: is gone/],
    ['a field may not be null', [[`${body} properties note type`, 'string']], /takes no null any more/],
    ['a body takes no other fields', [[`${body} additionalProperties`, false]], /takes no other fields/],
    ['a form is gone', [[`${body} properties until anyOf`, [{ type: 'string' }]]], /takes no integer any more/],
    ['an answer is gone', [[`${get} responses 200`, gone]], /answers no 200 any more/],
    [
      'an answer is of another kind',
      [[`${get} responses 200 content`, { 'text/plain': { schema: {} } }]],
      /is no application\/json/,
    ],
    ['a field of an answer is gone', [[`${job} properties attempts`, gone]], /200\.attempts: is gone/],
    ['a field of an answer may be missing', [[`${job} required`, ['id']]], /200\.state: may be missing now/],
    ['a field of an answer may be null', [[`${job} properties id type`, ['string', 'null']]], /may be null now/],
    [
      'a field deep in an answer is of another type',
      [[`${job} properties attempts items properties number type`, 'string']],
      /attempts\[\]\.number: may be string now/,
    ],
    [
      'a value of a map is of another type',
      [[`${job} properties notes additionalProperties type`, 'integer']],
      /notes\.\*: may be integer now/,
    ],
    [
      'a noun is another',
      [[`${get} responses 200 content application/json schema`, { type: 'array' }]],
      /may be array/,
    ],
  ])('%s', (_, changes, said) => {
    expect(breaksOf(released, changed(...changes)).join('\n')).toMatch(said);
  });
});

describe('a decimal number of a request', () => {
  const upTo = (most: string) => changed([`${get} parameters 0 schema pattern`, decimalUpTo(most).source]);

  it('may grow', () => {
    expect(breaksOf(upTo('18446744073709551615'), upTo('79228162514264337593543950335'))).toEqual([]);
    expect(breaksOf(upTo('99'), upTo('99'))).toEqual([]);
  });

  it('may not shrink, nor become another pattern', () => {
    expect(breaksOf(upTo('100'), upTo('99')).join()).toMatch(/pattern is/);
    expect(breaksOf(upTo('100'), changed([`${get} parameters 0 schema pattern`, '^(5|100)$'])).join()).toMatch(
      /pattern is/,
    );
  });
});

describe('a change that breaks nobody', () => {
  it.each<readonly [string, readonly Change[]]>([
    ['nothing at all', []],
    ['a new path', [['paths /v1/sites', { get: { operationId: 'listSites', responses: {} } }]]],
    ['a new method', [['paths /v1/jobs/{job} delete', { operationId: 'deleteJob', responses: {} }]]],
    ['a parameter of the path that is called otherwise', [[`${get} parameters 0 name`, 'id']]],
    ['a header in other letters', [[`${get} parameters 3 name`, 'if-none-match']]],
    ['a new parameter', [[`${get} parameters 4`, { name: 'sort', in: 'query', schema: { type: 'string' } }]]],
    ['a parameter takes more values', [[`${get} parameters 1 schema enum`, ['failed', 'waiting', 'gone']]]],
    ['a parameter takes any value', [[`${get} parameters 1 schema enum`, gone]]],
    ['a parameter is longer', [[`${get} parameters 0 schema maxLength`, 160]]],
    ['a number instead of an integer', [[`${get} parameters 2 schema type`, 'number']]],
    ['a new field of a body', [[`${body} properties more`, { type: 'string' }]]],
    ['a field of a body that is not needed any more', [[`${body} required`, []]]],
    [
      'another form of a field',
      [[`${body} properties note`, { anyOf: [{ type: ['string', 'null'] }, { type: 'integer' }] }]],
    ],
    [
      'a new field of an answer',
      [
        [`${job} properties more`, { type: 'string' }],
        [`${job} required`, ['id', 'state', 'more']],
      ],
    ],
    ['a new value in an answer', [[`${job} properties state enum`, ['failed', 'waiting', 'cancelled']]]],
    ['a new answer', [[`${get} responses 304`, { description: '' }]]],
    ['other words', [[`${get} description`, 'One job, told better']]],
  ])('%s', (_, changes) => {
    expect(breaksOf(released, changed(...changes))).toEqual([]);
  });
});
