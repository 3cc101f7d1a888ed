// What `openfaas-client` needs of the package `request`, which nobody maintains, over Node's fetch: ADR 0059.
// No redirects, cookies, proxies, forms or certificates of its own; an answer that is too long is refused.
const longestAnswerBytes = 16_777_216;

/** Where to, with the query that the client gives; credentials in the address are taken out of it. */
function addressOf({ uri, qs = {} }) {
  const url = new URL(uri);
  const [user, pass] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  url.username = '';
  url.password = '';
  for (const [name, value] of Object.entries(qs)) {
    for (const one of [value].flat()) if (one !== undefined && one !== null) url.searchParams.append(name, one);
  }
  return { url, inAddress: user === '' && pass === '' ? undefined : { user, pass } };
}

/** Headers that were given, and those that follow from the other options where none was given. */
function headersOf({ headers = {}, json, body, auth }, inAddress) {
  const all = new Headers(Object.entries(headers).filter(([, value]) => value !== undefined && value !== null));
  const add = (name, value) => all.has(name) || all.set(name, value);
  if (json === true) add('accept', 'application/json');
  if (json === true && body !== undefined) add('content-type', 'application/json');
  const known = auth ?? inAddress;
  if (known !== undefined) {
    const pair = `${known.username ?? known.user ?? ''}:${known.password ?? known.pass ?? ''}`;
    add('authorization', `Basic ${Buffer.from(pair).toString('base64')}`);
  }
  return all;
}

/** Reads an answer to its end, as far as it is bearable. */
async function textOf(response) {
  const pieces = [];
  let sizeBytes = 0;
  for await (const piece of response.body ?? []) {
    sizeBytes += piece.length;
    if (sizeBytes > longestAnswerBytes) throw new Error(`the answer has more than ${longestAnswerBytes} bytes`);
    pieces.push(piece);
  }
  return new TextDecoder().decode(Buffer.concat(pieces));
}

/** As `request` did with `json`: what is no JSON stays text, and nothing at all is undefined. */
function readJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text === '' ? undefined : text;
  }
}

async function ask(options) {
  if (options.form !== undefined || options.formData !== undefined) throw new Error('forms are not sent');
  const { url, inAddress } = addressOf(options);
  const isJson = options.json === true;
  const response = await fetch(url, {
    method: options.method ?? 'GET',
    headers: headersOf(options, inAddress),
    redirect: 'manual',
    ...(options.body === undefined ? {} : { body: isJson ? JSON.stringify(options.body) : options.body }),
    ...(options.timeout === undefined ? {} : { signal: AbortSignal.timeout(options.timeout) }),
  });
  const text = await textOf(response);
  const body = isJson ? readJson(text) : text;
  return { statusCode: response.status, headers: Object.fromEntries(response.headers), body };
}

/** The error that callers of `request` know: with a `code` such as ECONNREFUSED or ETIMEDOUT. */
function failureOf(error) {
  if (error.name === 'TimeoutError')
    return Object.assign(new Error('no whole answer in time', { cause: error }), { code: 'ETIMEDOUT' });
  return error.cause instanceof Error ? error.cause : error;
}

/** Asks once and tells `done` the error, or the answer and its body. */
module.exports = function request(options, done) {
  ask(options).then(
    (response) => done(null, response, response.body),
    (error) => done(failureOf(error)),
  );
};
