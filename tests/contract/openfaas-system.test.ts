import { chmodSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { credentialsIn } from '../../local/host/openfaas/authorization.ts';
import { readMemoryMb, readTimeoutS } from '../../local/host/openfaas/quantities.ts';
import { aFolder } from '../builders/a-folder.ts';
import { aGateway, asAdministrator } from '../builders/a-gateway.ts';
import { usually } from '../builders/a-memory-host.ts';

const ask = async (url: string, method = 'GET', body?: object) => {
  const answer = await fetch(url, { method, headers: asAdministrator, ...(body && { body: JSON.stringify(body) }) });
  const text = await answer.text();
  return { status: answer.status, text, json: () => JSON.parse(text) };
};

describe('deploying', () => {
  const second = { service: 'second-echo', image: 'registry.example.org:5000/epic/papilio-echo:0.1.0' };

  test('gives one code another name, with its own variables, labels and limits', async () => {
    const { url, host } = await aGateway();
    const wanted = {
      ...second,
      envVars: { LEVEL: 'debug', exec_timeout: '1m30s' },
      labels: { 'com.openfaas.scale.max': '2' },
      annotations: { topic: 'stf' },
      limits: { memory: '512Mi' },
      envProcess: 'node main.js',
    };
    expect((await ask(`${url}/system/functions`, 'POST', wanted)).status).toBe(202);
    expect(host.describe('second-echo')?.spec).toMatchObject({
      ...{ name: 'second-echo', code: 'echo', memoryMb: 512, timeoutS: 90, concurrency: 2 },
      environment: { LEVEL: 'debug', exec_timeout: '1m30s' },
    });
    const described = await ask(`${url}/system/function/second-echo`);
    expect(described.json()).toMatchObject({
      ...{
        name: 'second-echo',
        image: 'papilio-echo:0.1.0',
        namespace: 'openfaas-fn',
        replicas: 1,
        availableReplicas: 1,
      },
      ...{ invocationCount: 0, createdAt: '2026-01-01T00:00:00.000Z', annotations: { topic: 'stf' } },
      limits: { memory: '512Mi' },
    });
    const called = await fetch(`${url}/function/second-echo`, { method: 'POST', body: '1', headers: asAdministrator });
    expect(await called.json()).toEqual({ input: 1 });
  });

  test('leaves a function where its code is at home, and no list shows by what it is let in there', async () => {
    const environment = { PAPILIO_PLANE: 'work', AWS_SECRET_ACCESS_KEY: 'sesame', LEVEL: 'info' };
    const { url, host } = await aGateway(undefined, { usual: () => ({ ...usually, environment }) });
    const wanted = { ...second, envVars: { LEVEL: 'debug', DB_PASSWORD: 'other' } };
    expect((await ask(`${url}/system/functions`, 'POST', wanted)).status).toBe(202);
    expect(host.describe('second-echo')?.spec.environment).toEqual({ ...environment, ...wanted.envVars });
    const described = await ask(`${url}/system/function/second-echo`);
    expect(described.json().envVars).toEqual({ PAPILIO_PLANE: 'work', LEVEL: 'debug' });
    expect((await ask(`${url}/system/functions`)).text).not.toMatch(/sesame|other/);
  });

  test('twice is a conflict, changing is not, and changing what is not there is Missing', async () => {
    const { url } = await aGateway();
    expect((await ask(`${url}/system/functions`, 'PUT', second)).status).toBe(404);
    expect((await ask(`${url}/system/functions`, 'POST', second)).status).toBe(202);
    expect((await ask(`${url}/system/functions`, 'POST', second)).status).toBe(409);
    expect((await ask(`${url}/system/functions`, 'PUT', second)).status).toBe(200);
  });

  test.each([
    ['functions/figlet:latest', 'image functions/figlet:latest is unknown: .* papilio-echo, papilio-nothing'],
    ['echo', 'is unknown'],
    ['papilio-other', 'is unknown'],
    ['papilio-echo:9.9.9', 'release 0.1.0 runs here, not 9.9.9'],
    [`papilio-echo@sha256:${'0'.repeat(64)}`, 'nothing here has that digest'],
    ['../papilio-echo', 'no image name'],
    ['papilio-echo; rm -rf /', 'no image name'],
    ['', 'no image name'],
  ])('an image that stands for nothing here is refused: %s', async (image, reason) => {
    const { url, host } = await aGateway();
    const answer = await ask(`${url}/system/functions`, 'POST', { service: 'new', image });
    expect(answer.status).toBe(400);
    expect(answer.text).toMatch(new RegExp(reason));
    expect(host.list()).toHaveLength(2);
  });

  test.each([
    [{ service: '../new' }],
    [{ service: 'new.openfaas-fn' }],
    [{ service: '' }],
    [{ namespace: 'elsewhere' }],
    [{ envVars: { NODE_OPTIONS: '--import=/tmp/evil.mjs' } }],
    [{ envVars: { LD_PRELOAD: '/tmp/evil.so' } }],
    [{ envVars: { OPENSSL_CONF: '/tmp/evil.cnf' } }],
    [{ envVars: { _HANDLER: 'evil.handler' } }],
    [{ envVars: { AWS_LAMBDA_EXEC_WRAPPER: '/tmp/evil' } }],
    [{ envVars: { 'A=B': 'c' } }],
    [{ envVars: { LEVEL: 1 } }],
    [{ envVars: { exec_timeout: 'soon' } }],
    [{ limits: { memory: 'much' } }],
    [{ limits: { memory: '1Mi' } }],
    [{ labels: { 'com.openfaas.scale.max': 'many' } }],
    [{ secrets: ['none-such'] }],
    [{ image: 5 }],
  ])('what is no deployment is refused: %j', async (change) => {
    const { url, host } = await aGateway();
    const answer = await ask(`${url}/system/functions`, 'POST', { ...second, service: 'new', ...change });
    expect(answer.status).toBe(400);
    expect(host.list()).toHaveLength(2);
  });

  test('what is removed is gone, and what is not there cannot be', async () => {
    const { url } = await aGateway();
    const remove = (functionName: string) => ask(`${url}/system/functions`, 'DELETE', { functionName });
    expect((await remove('echo')).status).toBe(200);
    expect((await remove('echo')).status).toBe(404);
    expect((await remove('../echo')).status).toBe(404);
    expect((await ask(`${url}/system/functions`, 'DELETE')).status).toBe(400);
    expect((await ask(`${url}/system/functions`)).json()).toMatchObject([{ name: 'nothing' }]);
  });

  test('scaling to none stops it, and it is listed so', async () => {
    const { url } = await aGateway();
    const scale = (name: string, body: object) => ask(`${url}/system/scale-function/${name}`, 'POST', body);
    expect((await scale('echo', { serviceName: 'echo', replicas: 0 })).status).toBe(202);
    expect((await ask(`${url}/system/function/echo`)).json()).toMatchObject({ replicas: 0, availableReplicas: 0 });
    expect((await scale('echo', { replicas: 3 })).status).toBe(202);
    expect((await ask(`${url}/system/function/echo`)).json()).toMatchObject({ replicas: 3 });
    expect((await scale('echo', { serviceName: 'nothing', replicas: 1 })).status).toBe(400);
    expect((await scale('echo', { replicas: -1 })).status).toBe(400);
    expect((await scale('none-such', { replicas: 1 })).status).toBe(404);
  });

  test('in another namespace there is nothing', async () => {
    const { url } = await aGateway();
    expect((await ask(`${url}/system/functions?namespace=elsewhere`)).json()).toEqual([]);
    expect((await ask(`${url}/system/functions?namespace=openfaas-fn`)).json()).toHaveLength(2);
    expect((await ask(`${url}/system/function/echo?namespace=elsewhere`)).status).toBe(404);
    expect((await ask(`${url}/system/namespaces`)).json()).toEqual(['openfaas-fn']);
  });

  test('who provides it is said', async () => {
    const { url } = await aGateway();
    expect((await ask(`${url}/system/info`)).json()).toMatchObject({
      provider: { provider: 'papilio', orchestration: 'processes', version: { release: '0.1.0' } },
      version: { release: '0.1.0' },
      arch: expect.any(String),
    });
  });
});

describe('secrets', () => {
  test('are made, changed, listed without their values, and removed; functions find them in a folder', async () => {
    using folder = aFolder();
    const secretsFolder = join(folder.path, 'secrets');
    const { url, host } = await aGateway(undefined, { secretsFolder });
    const at = `${url}/system/secrets`;
    const file = join(secretsFolder, 'token');
    expect((await ask(at, 'POST', { name: 'token', value: 'first' })).status).toBe(201);
    expect((await ask(at, 'POST', { name: 'token', value: 'again' })).status).toBe(409);
    expect((await ask(at, 'PUT', { name: 'token', rawValue: Buffer.from([0, 255]).toString('base64') })).status).toBe(
      200,
    );
    expect([...readFileSync(file)]).toEqual([0, 255]);
    expect([statSync(file).mode & 0o777, statSync(secretsFolder).mode & 0o777]).toEqual([0o600, 0o700]);
    const listed = await ask(at);
    expect(listed.json()).toEqual([{ name: 'token', namespace: 'openfaas-fn' }]);
    const wanted = { service: 'new', image: 'papilio-echo', secrets: ['token'] };
    expect((await ask(`${url}/system/functions`, 'POST', wanted)).status).toBe(202);
    expect(host.describe('new')?.spec.environment).toEqual({ secret_mount_path: secretsFolder });
    expect((await ask(`${url}/system/function/new`)).json()).toMatchObject({ secrets: ['token'], annotations: {} });
    expect((await ask(at, 'DELETE', { name: 'token' })).status).toBe(204);
    expect((await ask(at, 'DELETE', { name: 'token' })).status).toBe(404);
    expect((await ask(at, 'PUT', { name: 'token', value: 'x' })).status).toBe(404);
    expect(readdirSync(secretsFolder)).toEqual([]);
  });

  test('whose names lead elsewhere are refused', async () => {
    using folder = aFolder();
    const { url } = await aGateway(undefined, { secretsFolder: join(folder.path, 'secrets') });
    for (const name of ['../escaped', '.hidden', 'a/b', '', 'a'.repeat(64), 'A', 'a\u0000'])
      for (const method of ['POST', 'PUT', 'DELETE'])
        expect((await ask(`${url}/system/secrets`, method, { name, value: 'x' })).status).toBe(400);
    expect(readdirSync(folder.path)).toEqual(['secrets']);
  });
});

describe('logs', () => {
  const line = (second: number, text: string, instance = 'i-1') => ({
    at: `2026-01-01T00:00:0${second}.000Z`,
    instance,
    text,
  });

  test('are told as lines of JSON, those that are asked for', async () => {
    const { url, host } = await aGateway();
    host.write('echo', line(1, 'one'));
    host.write('echo', line(2, 'two\nlines', 'i-2'));
    host.write('echo', line(3, 'three'));
    const texts = async (query: string): Promise<string[]> => {
      const { text } = await ask(`${url}/system/logs?name=echo${query}`);
      return text.split('\n').flatMap((each) => (each === '' ? [] : [JSON.parse(each).text]));
    };
    expect(await texts('')).toEqual(['one', 'two\nlines', 'three']);
    expect(await texts('&tail=1')).toEqual(['three']);
    expect(await texts('&tail=0&follow=false')).toHaveLength(3);
    expect(await texts('&since=2026-01-01T00:00:02Z')).toEqual(['two\nlines', 'three']);
    expect(await texts('&instance=i-2')).toEqual(['two\nlines']);
    expect((await ask(`${url}/system/logs?name=none-such`)).status).toBe(404);
    expect((await ask(`${url}/system/logs?name=echo&since=yesterday`)).status).toBe(422);
    expect((await ask(`${url}/system/logs`)).status).toBe(422);
  });

  test('are followed for as long as somebody listens', async () => {
    const { url, host } = await aGateway();
    host.write('echo', line(1, 'one'));
    const gone = new AbortController();
    const followed = await fetch(`${url}/system/logs?name=echo&follow=true`, {
      headers: asAdministrator,
      signal: gone.signal,
    });
    const reader = followed.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toContain('"text":"one"');
    host.write('echo', line(2, 'two'));
    expect((await reader?.read())?.value).toContain('"text":"two"');
    gone.abort();
  });

  test('end when the gateway closes', async () => {
    const { url, close } = await aGateway();
    const followed = await fetch(`${url}/system/logs?name=echo&follow=1`, { headers: asAdministrator });
    await close();
    expect(await followed.text()).toBe('');
  });
});

describe('credentials', () => {
  test('are made once, for their owner only', async () => {
    using folder = aFolder();
    const secrets = join(folder.path, 'gateway');
    const made = await credentialsIn(secrets);
    expect(made).toEqual({ user: 'admin', password: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(await credentialsIn(secrets)).toEqual(made);
    expect(statSync(join(secrets, 'basic-auth-password')).mode & 0o777).toBe(0o600);
    chmodSync(join(secrets, 'basic-auth-password'), 0o644);
    await expect(credentialsIn(secrets)).rejects.toMatchObject({ code: 'config-invalid' });
  });
});

describe('quantities', () => {
  test('of memory are read as Kubernetes writes them', () => {
    expect(['128Mi', '1Gi', '256M', '1.5Gi', '268435456', undefined].map((text) => readMemoryMb(text, 7))).toEqual([
      ...[128, 1024, 244, 1536, 256, 7],
    ]);
  });

  test('of time are read as Go writes them', () => {
    expect(['1m30s', '500ms', '2h', '20', undefined].map((text) => readTimeoutS(text, 7))).toEqual([
      90, 0.5, 7200, 20, 7,
    ]);
  });

  test('that are none are no numbers, and nothing takes long', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const value of [readMemoryMb(text, 1), readTimeoutS(text, 1)])
          expect(Number.isNaN(value) || value >= 0).toBe(true);
      }),
    );
  });
});
