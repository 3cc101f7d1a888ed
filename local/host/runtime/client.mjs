// What an instance runs where AWS's own runtime client (npm aws-lambda-ric, which needs a C++ compiler) is not installed: loads
// the handler and speaks Lambda's Runtime API. One suite of tests runs over both. Plain JavaScript, as it starts in each instance.
import { Agent, request } from 'node:http';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';

const { env } = process;
const [host = '', port = ''] = (env.AWS_LAMBDA_RUNTIME_API ?? '').split(':');
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
let requestId = '-';

/** Calls the Runtime API. An answer that is not 2xx is told to nobody, as with AWS's client: the host knows why. */
const call = (method, path, body) =>
  new Promise((done, fail) => {
    const headers =
      body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const asked = request({ host, port, method, path: `/2018-06-01/runtime/${path}`, headers, agent }, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () => done({ headers: answer.headers, text: Buffer.concat(chunks).toString('utf8') }));
      answer.on('error', fail);
    });
    asked.on('error', fail);
    asked.end(body);
  });

const errorOf = (thrown) =>
  thrown instanceof Error
    ? { errorType: thrown.name, errorMessage: thrown.message, trace: (thrown.stack ?? '').split('\n') }
    : { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };

const say = (level, ...words) => {
  process.stdout.write(`${new Date().toISOString()}\t${requestId}\t${level}\t${format(...words)}\n`);
};

const speak = (level) => [level, (...words) => say(level.toUpperCase(), ...words)];
const spoken = Object.fromEntries(['trace', 'debug', 'info', 'warn', 'error'].map(speak));
Object.assign(globalThis.console, spoken, { log: spoken.info });

const importFrom = async (path) => {
  for (const extension of ['.mjs', '.js', '.cjs']) {
    try {
      return await import(pathToFileURL(`${path}${extension}`).href);
    } catch (error) {
      if (error.code !== 'ERR_MODULE_NOT_FOUND' || error.url !== pathToFileURL(`${path}${extension}`).href) throw error;
    }
  }
  throw Object.assign(new Error(`Cannot find module '${path}'`), { name: 'Runtime.ImportModuleError' });
};

const loadHandler = async () => {
  const name = env._HANDLER ?? '';
  const [module = '', key = ''] = name.split('.');
  const found = (await importFrom(resolve(join(env.LAMBDA_TASK_ROOT ?? '', module))))[key];
  if (typeof found === 'function') return found;
  throw Object.assign(new Error(`${name} is undefined or not exported`), { name: 'Runtime.HandlerNotFound' });
};

const contextOf = (headers) => ({
  awsRequestId: requestId,
  functionName: env.AWS_LAMBDA_FUNCTION_NAME,
  functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
  memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
  logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
  logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
  invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
  clientContext: headers['lambda-runtime-client-context'] && JSON.parse(headers['lambda-runtime-client-context']),
  getRemainingTimeInMillis: () => Number(headers['lambda-runtime-deadline-ms']) - Date.now(),
});

const runOne = async (handler) => {
  const { headers, text } = await call('GET', 'invocation/next');
  requestId = headers['lambda-runtime-aws-request-id'];
  env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'];
  const path = `invocation/${encodeURIComponent(requestId)}`;
  try {
    const answer = await handler(JSON.parse(text), contextOf(headers));
    await call('POST', `${path}/response`, JSON.stringify(answer === undefined ? null : answer));
  } catch (thrown) {
    say('ERROR', 'Invoke Error', errorOf(thrown));
    await call('POST', `${path}/error`, JSON.stringify(errorOf(thrown)));
  }
};

try {
  const handler = await loadHandler();
  for (;;) await runOne(handler);
} catch (error) {
  say('ERROR', 'Init Error', error);
  await call('POST', 'init/error', JSON.stringify(errorOf(error)));
  process.exitCode = 1;
}
