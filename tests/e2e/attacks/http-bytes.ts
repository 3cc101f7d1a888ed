import { adminToken } from '../../builders/an-api.ts';

const host = 'Host: 127.0.0.1\r\n';
/** The end of the headers. */
export const end = `${host}Connection: close\r\n\r\n`;
/** A request without a body, as text of Latin 1. */
export const get = (path: string, headers = ''): string => `GET ${path} HTTP/1.1\r\n${headers}${end}`;
/** Headers of a good act. */
export const own = `Authorization: Bearer ${adminToken}\r\nContent-Type: application/json\r\n`;
/** An act that takes a body. */
export const act = 'POST /v1/processing/suspend HTTP/1.1\r\n';
/** A request with a body, as text of Latin 1. */
export const post = (body: string, headers = own, first = act): string =>
  `${first}${headers}Content-Length: ${Buffer.byteLength(body, 'latin1')}\r\n${end}${body}`;
const why = '{"why":"x"}';

/** By what is wrong in the request line. */
export const inTheRequestLine: Readonly<Record<string, string>> = {
  'HTTP/0.9': 'GET /v1/version\r\n\r\n',
  'HTTP/9.9': `GET /v1/version HTTP/9.9\r\n${end}`,
  'another protocol': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  'HTTP/2 without being asked': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'a method that nobody knows': `COFFEE /v1/version HTTP/1.1\r\n${end}`,
  'a method in lower case': `get /v1/version HTTP/1.1\r\n${end}`,
  'a method that no path takes': `PROPFIND /v1/version HTTP/1.1\r\n${end}`,
  TRACE: `TRACE /v1/version HTTP/1.1\r\n${end}`,
  CONNECT: `CONNECT evil.example:443 HTTP/1.1\r\n${end}`,
  'an absolute URI of another host': `GET http://evil.example/v1/version HTTP/1.1\r\n${end}`,
  'the path *': `OPTIONS * HTTP/1.1\r\n${end}`,
  'no path': `GET  HTTP/1.1\r\n${end}`,
  'a path without its slash': get('v1/version'),
  'a path up': get('/v1/../../etc/passwd'),
  'a path up in percents': get('/v1/%2e%2e/%2e%2e/etc/passwd'),
  'a path up in a parameter': get('/v1/stfs/..%2f..%2fadmin.token'),
  'a path up in double percents': get('/v1/stfs/%252e%252e%252fadmin.token'),
  'a NUL in a parameter': get('/v1/stfs/swf.1.000001.stf%00.txt'),
  'a NUL in a path': get('/v1/stfs/a\0b'),
  'overlong UTF-8': get('/v1/stfs/%c0%ae%c0%ae%c0%afx'),
  'bytes that are no UTF-8': get('/v1/stfs/\xff\xfe'),
  'a lone percent': get('/v1/stfs/%'),
  'a line break in a parameter': get('/v1/stfs/a%0d%0aSet-Cookie:%20x=y'),
  'a line break in a path': get('/v1/stfs/a\rb'),
  'a query of 100 kB': get(`/v1/runs?cursor=${'a'.repeat(100_000)}`),
  '10^4 parameters': get(`/v1/stfs?${Array.from({ length: 10_000 }, (_, nth) => `p${nth}=1`).join('&')}`),
  'a parameter 5,000 times': get(`/v1/stfs?${'run=1&'.repeat(5_000)}`),
  'a parameter that is an object': get('/v1/outputs?run[__proto__][isAdmin]=1'),
  'an id that a careless pattern backtracks on': get(`/v1/runs/${'a-'.repeat(10_000)}!`),
  'an id of many underscores': get(`/v1/jobs/${'job_'.repeat(5_000)}`),
};

/** By what is wrong in the headers. */
export const inHeaders: Readonly<Record<string, string>> = {
  'no Host': 'GET /v1/version HTTP/1.1\r\nConnection: close\r\n\r\n',
  'no Host, as HTTP/1.0 may': 'GET /v1/version HTTP/1.0\r\n\r\n',
  'a foreign Host': 'GET /v1/version HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
  'two Hosts': get('/v1/version', host),
  'a Host with a line break': `GET /v1/version HTTP/1.1\r\nHost: 127.0.0.1\rX: y\r\n\r\n`,
  'a foreign Origin': get('/v1/version', 'Origin: http://evil.example\r\n'),
  'a header of 100 kB': get('/v1/version', `X: ${'a'.repeat(100_000)}\r\n`),
  '10^4 headers': get('/v1/version', 'X: y\r\n'.repeat(10_000)),
  'a header without a name': get('/v1/version', ': y\r\n'),
  'a space before the colon': get('/v1/version', 'X : y\r\n'),
  'a folded header': get('/v1/version', 'X: y\r\n z\r\n'),
  'a NUL in a header': get('/v1/version', 'X: a\0b\r\n'),
  'a line break alone': get('/v1/version', 'X: a\rSet-Cookie: b\r\n'),
  'lines that end in LF only': 'GET /v1/version HTTP/1.1\nHost: 127.0.0.1\n\n',
  'two tokens': post(why, `${own}Authorization: Bearer other\r\n`),
  'a token of 20 kB': post(why, `Authorization: Bearer ${'a'.repeat(20_000)}\r\n`),
  'an If-Match of garbage': post(why, `${own}If-Match: ${'\xe9"",,*x'.repeat(20)}\r\n`),
  'an endless If-Match': post(why, `${own}If-Match: ${'"a",'.repeat(4_000)}\r\n`),
  'an endless Idempotency-Key': post(why, `${own}Idempotency-Key: ${'k'.repeat(5_000)}\r\n`),
  'an empty Idempotency-Key': post(why, `${own}Idempotency-Key: \r\n`),
  'a name that is not one': post(why, `${own}papilio-user: ../../root\r\n`),
};

/** By what is wrong in the body. */
export const inBodies: Readonly<Record<string, string>> = {
  'both Content-Length and Transfer-Encoding': `${act}${own}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n${end}0\r\n\r\nGET /v1/admin HTTP/1.1\r\n${end}`,
  'two lengths': `${act}${own}Content-Length: 11\r\nContent-Length: 12\r\n${end}${why}`,
  'a list of lengths': `${act}${own}Content-Length: 11, 11\r\n${end}${why}`,
  'a signed length': `${act}${own}Content-Length: +11\r\n${end}${why}`,
  'a length below zero': `${act}${own}Content-Length: -1\r\n${end}${why}`,
  'a length in hexadecimal': `${act}${own}Content-Length: 0xb\r\n${end}${why}`,
  'an endless length': `${act}${own}Content-Length: 99999999999999999999\r\n${end}${why}`,
  'an encoding that is not known': `${act}${own}Transfer-Encoding: xchunked\r\n${end}${why}`,
  'chunked, and something after it': `${act}${own}Transfer-Encoding: chunked, identity\r\n${end}0\r\n\r\n`,
  'a chunk of no length': `${act}${own}Transfer-Encoding: chunked\r\n${end}g\r\n${why}\r\n0\r\n\r\n`,
  'a chunk of more than 2^64 bytes': `${act}${own}Transfer-Encoding: chunked\r\n${end}fffffffffffffffff\r\n`,
  'a length that promises 100 MB': `${act}${own}Content-Length: 100000000\r\n${end}${why}`,
  'arrays 10^5 deep': post('['.repeat(100_000) + ']'.repeat(100_000), own, 'POST /v1/workflows/test HTTP/1.1\r\n'),
  'a definition 10^5 deep': post(
    JSON.stringify({ definition: `{"Type":"Pass","End":true,"Result":${'['.repeat(100_000)}${']'.repeat(100_000)}}` }),
    own,
    'POST /v1/workflows/test HTTP/1.1\r\n',
  ),
  __proto__: post('{"why":"x","__proto__":{"isAdmin":true}}'),
  'constructor.prototype': post('{"why":"x","constructor":{"prototype":{"isAdmin":true}}}'),
  'a key that is not taken': post('{"why":"x","isAdmin":true}'),
  'a reason that is an object': post('{"why":{"toString":"x"}}'),
  'a reason of a lone surrogate and NULs': post('{"why":""}'),
  'numbers that are none': post('{"why":NaN}'),
  'UTF-16': post(Buffer.from(why, 'utf16le').toString('latin1')),
  'bytes that are no text': post('{"why":\xff\xfe}'),
  'no body': post(''),
  null: post('null'),
  'no content type': post(why, `Authorization: Bearer ${adminToken}\r\n`),
  'a form': post('why=x', own.replace('application/json', 'application/x-www-form-urlencoded')),
  'plain text': post(why, own.replace('application/json', 'text/plain')),
  'XML that names a file': post('<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]>', own.replace('json', 'xml')),
  'a content type of garbage': post(why, own.replace('application/json', ';;;=,/')),
  'a compressed body that it does not take': post('\x1f\x8b\x08\x00', `${own}Content-Encoding: gzip\r\n`),
  'no token': post(why, 'Content-Type: application/json\r\n'),
};
