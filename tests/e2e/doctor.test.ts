import { chmodSync, cpSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import * as z from 'zod';
import { Check, CheckName } from '#schema/check-up';
import { run } from '../../clients/cli/program.ts';
import { frontOf } from '../../local/supervisor/front-client.ts';
import { type House, startHouse } from '../../local/supervisor/house.ts';
import { onLoopback } from '../builders/on-loopback.ts';
import { plainEnvironment } from '../builders/plain-environment.ts';
import { aStompStub } from '../builders/stomp-stub.ts';

/** Somebody breaks one thing after the other, and `papilio doctor` names each. */
const scratch = mkdtempSync(join(tmpdir(), 'papilio-doctor-'));
const folder = join(scratch, 'data');
const soon = { timeout: 20_000, interval: 100 };
let house: House;

const start = (data: string, environment: Readonly<Record<string, string>> = {}): Promise<House> =>
  startHouse({
    folder: data,
    port: 0,
    environment: { ...plainEnvironment, PAPILIO_LOG_LEVEL: 'warn', ...environment },
  });

beforeAll(async () => {
  house = await start(folder);
});
afterAll(async () => {
  await house.stop();
  rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
});

/** What it finds, and how it ends. */
const doctor = async (data: string, ...words: string[]) => {
  const written = { out: '' };
  const code = await run(['--data', data, 'doctor', '--json', ...words], {
    out: { write: (text: string) => (written.out += text) },
    err: { write: () => undefined },
    signal: new AbortController().signal,
  });
  return { code, checks: z.array(Check).parse(JSON.parse(written.out)) };
};

const problemsIn = (checks: readonly Check[]): string[] =>
  checks.flatMap(({ check, of, level }) => (level === 'problem' ? [of === undefined ? check : `${check} ${of}`] : []));

/** What is told of one thing. */
const toldOf = (checks: readonly Check[], check: Check['check'], of?: string): Check | undefined =>
  checks.find((one) => one.check === check && one.of === of);

/** A way to the front on which every answer gets another date. */
const withDate = async (url: string, date: string): Promise<string> => {
  const { hostname, port } = new URL(url);
  const proxy = createServer((asked, answer) => {
    const { method, url: path } = asked;
    const onward = request({ hostname, port, method, path, headers: asked.headers }, (found) => {
      answer.writeHead(found.statusCode ?? 500, { ...found.headers, date });
      found.pipe(answer);
    });
    asked.pipe(onward);
  });
  const { url: proxied, close } = await onLoopback(proxy);
  onTestFinished(close);
  return proxied;
};

/** Writes noise over some bytes of a file. */
const spoil = async (path: string, position: number, bytes: number): Promise<void> => {
  await using file = await open(path, 'r+');
  await file.write(Buffer.alloc(bytes, 0x5a), 0, bytes, position);
};

describe('of a papilio that is well, the doctor', () => {
  test('finds nothing wrong, whatever it looks at', async () => {
    const { code, checks } = await doctor(folder, '--deep');
    // Somebody may have committed since papilio was started.
    const wrong = checks.filter(({ level, of }) => level !== 'ok' && of !== 'checkout');
    expect([code, wrong]).toEqual([0, []]);
    expect(new Set(checks.map(({ check }) => check))).toEqual(new Set(CheckName.options));
  });

  test('names a token that is not taken', async () => {
    const { code, checks } = await doctor(folder, '--token', 'wrong');
    expect(code).toBe(1);
    expect(toldOf(checks, 'token')).toMatchObject({ level: 'problem', todo: expect.any(String) });
    expect(toldOf(checks, 'reach')?.level).toBe('ok');
  });

  test('names a file of the administrator’s token that others may read', async () => {
    chmodSync(join(folder, 'admin.token'), 0o644);
    const { checks } = await doctor(folder);
    chmodSync(join(folder, 'admin.token'), 0o600);
    expect(problemsIn(checks)).toEqual(['token admin.token']);
  });

  test.each([
    [-3600, 'problem', '60 min behind'],
    [600, 'problem', '10 min ahead of'],
    [15, 'warning', 's ahead of'],
  ])('names a clock that is %i seconds off', async (offS, level, said) => {
    const { baseUrl } = await frontOf(folder);
    const url = await withDate(baseUrl, new Date(Date.now() + offS * 1000).toUTCString());
    const { code, checks } = await doctor(folder, '--url', url);
    expect(code).toBe(level === 'problem' ? 1 : 0);
    expect(toldOf(checks, 'clock')).toMatchObject({ level, what: expect.stringContaining(said) });
    expect(toldOf(checks, 'store')).toMatchObject({ level: 'unseen' });
  });

  test('sees a broker that the bridge has, and names it and why when it dies', async () => {
    const brokers = join(scratch, 'brokers.json');
    const stub = await aStompStub();
    const daq = { name: 'daq', url: stub.url, subscriptions: [{ destination: '/topic/epic' }] };
    writeFileSync(brokers, JSON.stringify({ brokers: [daq] }));
    house.play(['--brokers', brokers]);
    await stub.whenGot('SUBSCRIBE', 1);
    const broker = async () => toldOf((await doctor(folder)).checks, 'broker', 'daq');
    await expect
      .poll(broker, soon)
      .toMatchObject({ level: 'ok', what: expect.stringContaining(`connected to ${stub.url}`) });
    await stub[Symbol.asyncDispose]();
    const refused = expect.stringMatching(/tried \d+ times: .*ECONNREFUSED/);
    await expect.poll(broker, soon).toMatchObject({ level: 'problem', what: refused });
  });
});

describe('of a papilio that is down, the doctor', () => {
  const copy = join(scratch, 'copy');

  test('names the front, and everything else that does not run, and reads the folder by itself', async () => {
    await house.stop();
    const { code, checks } = await doctor(folder);
    expect(code).toBe(1);
    expect(problemsIn(checks)).toEqual(['reach', 'processes', 'broker']);
    expect(toldOf(checks, 'reach')?.todo).toContain('npm start');
    expect(toldOf(checks, 'engine', 'work')).toMatchObject({
      level: 'ok',
      what: expect.stringContaining('does not serve'),
    });
    expect(toldOf(checks, 'clock')?.level).toBe('unseen');
  });

  test('names a store and a journal that are damaged, in a copy of the folder', async () => {
    cpSync(folder, copy, { recursive: true });
    const path = join(copy, 'work', 'store.db');
    await spoil(path, 4096 * 3, 4096);
    const engine = join(copy, 'archive', 'engine');
    const journal = readdirSync(engine).find((file) => file.startsWith('journal-')) ?? '';
    await spoil(join(engine, journal), Math.floor(statSync(join(engine, journal)).size / 2), 16);
    const { checks } = await doctor(copy);
    expect(problemsIn(checks)).toEqual(['reach', 'processes', 'store work', 'engine archive', 'broker']);
    expect(toldOf(checks, 'store', 'work')?.what).toContain(`${path} (`);
    expect(toldOf(checks, 'engine', 'archive')?.what).toContain(journal);
  });
});

describe('of a papilio of an older release on a full disk, the doctor', () => {
  const old = join(scratch, 'old');
  const small = { PAPILIO_BUILD: 'papilio-0.0.9', PAPILIO_WORK_QUOTA_MB: '0.001' };

  test('names both', async () => {
    const full = await start(old, small);
    onTestFinished(() => full.stop());
    vi.stubEnv('PAPILIO_WORK_QUOTA_MB', small.PAPILIO_WORK_QUOTA_MB);
    const { code, checks } = await doctor(old);
    expect(code).toBe(1);
    expect(problemsIn(checks)).toEqual(['version front', 'planes work', 'disk work']);
    expect(toldOf(checks, 'version', 'front')?.what).toMatch(/papilio-0\.0\.9, older than this command line/);
    expect(toldOf(checks, 'disk', 'work')?.what).toMatch(/takes no work: it holds .* of its quota/);
    expect(toldOf(checks, 'planes', 'work')?.what).toMatch(/takes no work: it holds .* of its quota/);
  });
});
