import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type RecordedLine, readRecording } from '../../../clients/bridge/recording.ts';
import { addRecord } from '../../../clients/cli/commands/dev-record.ts';
import { exit, explainFailure } from '../../../clients/cli/failure.ts';
import { aFolder } from '../../builders/a-folder.ts';
import { aMessage } from '../../builders/a-message.ts';
import { aFrame, aStompMessage, aStompStub } from '../../builders/stomp-stub.ts';

/** `papilio dev record`, and what it said. */
const aRecording = (...words: readonly string[]) => {
  const stopping = new AbortController();
  let out = '';
  let err = '';
  const io = {
    out: { write: (text: string) => (out += text) },
    err: { write: (text: string) => (err += text) },
    signal: stopping.signal,
  };
  const program = new Command().exitOverride();
  addRecord(program, io);
  const done = program.parseAsync(['record', ...words], { from: 'user' }).then(
    () => exit.ok,
    (thrown: unknown) => explainFailure(thrown, io),
  );
  onTestFinished(() => stopping.abort());
  return { done, out: () => out, err: () => err, interrupt: () => stopping.abort() };
};

const read = async (path: string): Promise<RecordedLine[]> => {
  const lines: RecordedLine[] = [];
  for await (const line of readRecording(path, 0, 'tick')) lines.push(line);
  return lines;
};

const topic = ['--destination', '/topic/epictopic'];
const bodies = [aMessage('start_run').raw, '{"odd":\u2028', 'line\nfeed "and" \r\n quotes', ''];
const said = Buffer.concat(bodies.map((body, at) => aStompMessage(`${at}`, body)));

describe('a live stream', () => {
  test('is recorded as it came, each message acknowledged when it is on disk, and reads as a recording', async () => {
    using folder = aFolder();
    const path = join(folder.path, 'run.jsonl');
    await using stub = await aStompStub();
    const recording = aRecording('--broker', stub.url, ...topic, '--to', path, '--count', '4');
    await stub.whenGot('SUBSCRIBE', 1);
    const beganMs = Date.now();
    stub.say(said);
    expect(await recording.done).toBe(exit.ok);
    expect(recording.out()).toBe(`recorded 4 messages in ${path}\n`);
    expect(stub.got('ACK').map(({ headers }) => headers.id)).toEqual(['0', '1', '2', '3']);
    const lines = await read(path);
    expect(lines.map(({ frame }) => frame)).toEqual(bodies.map((body) => ({ destination: '/topic/epictopic', body })));
    for (const { atS } of lines) expect(atS).toBeGreaterThanOrEqual(Math.floor(beganMs) / 1000);
  });

  test('ends with a count: what came beyond is not acknowledged, so the broker keeps it', async () => {
    using folder = aFolder();
    const path = join(folder.path, 'run.jsonl');
    await using stub = await aStompStub();
    const recording = aRecording('--broker', stub.url, '--destination', '/queue/q', '--to', path, '--count', '2');
    await stub.whenGot('SUBSCRIBE', 1);
    stub.say(said);
    expect(await recording.done).toBe(exit.ok);
    expect(stub.got('ACK').map(({ headers }) => headers.id)).toEqual(['0', '1']);
    expect(await read(path)).toHaveLength(2);
    expect(recording.err()).toContain('warning: what is recorded of /queue/q is taken from');
  });

  test('ends with Ctrl-C and says how much it was', async () => {
    using folder = aFolder();
    const path = join(folder.path, 'run.jsonl');
    await using stub = await aStompStub();
    const recording = aRecording('--broker', stub.url, ...topic, '--to', path);
    await stub.whenGot('SUBSCRIBE', 1);
    stub.say(said);
    await stub.whenGot('ACK', 4);
    recording.interrupt();
    expect(await recording.done).toBe(exit.ok);
    expect(recording.out()).toBe(`recorded 4 messages in ${path}\n`);
    expect(recording.err()).not.toContain('warning');
  });

  test('ends after a time, be it silent', async () => {
    using folder = aFolder();
    const path = join(folder.path, 'run.jsonl');
    await using stub = await aStompStub();
    const recording = aRecording('--broker', stub.url, ...topic, '--to', path, '--for', '0.01');
    expect(await recording.done).toBe(exit.ok);
    expect(readFileSync(path, 'utf8')).toBe('');
  });

  test('goes on over a line that breaks', async () => {
    using folder = aFolder();
    const path = join(folder.path, 'run.jsonl');
    await using stub = await aStompStub();
    const recording = aRecording('--broker', stub.url, ...topic, '--to', path, '--count', '2');
    await stub.whenGot('SUBSCRIBE', 1);
    stub.say(aStompMessage('1', '{}'));
    await stub.whenGot('ACK', 1);
    stub.cut();
    await stub.whenGot('SUBSCRIBE', 2);
    stub.say(aStompMessage('2', '{}'));
    expect(await recording.done).toBe(exit.ok);
    expect(recording.err()).toContain('broker is away');
    expect(await read(path)).toHaveLength(2);
  });

  test('is never written over another recording, but may go on with it, even after a kill within a line', async () => {
    using folder = aFolder();
    const path = join(folder.path, 'run.jsonl');
    writeFileSync(path, '{"destination":"/d","body":"{}"}\n{"destin');
    await using stub = await aStompStub();
    const words = ['--broker', stub.url, ...topic, '--to', path, '--count', '1'];
    const refused = aRecording(...words);
    expect(await refused.done).toBe(exit.usage);
    expect(refused.err()).toContain('--append');
    const recording = aRecording(...words, '--append');
    await stub.whenGot('SUBSCRIBE', 1);
    stub.say(said);
    expect(await recording.done).toBe(exit.ok);
    const lines = await read(path);
    expect(lines.map(({ frame }) => frame.body)).toEqual(['{}', '{"destin', bodies[0]]);
  });

  test('has a subscription of its own: not the client id, durable name or selector of the bridge', async () => {
    using folder = aFolder();
    await using stub = await aStompStub();
    const file = join(folder.path, 'brokers.json');
    const headers = { 'durable-subscription-name': 'papilio' };
    const subscriptions = [{ destination: '/topic/epictopic', selector: "vo = 'eic'", headers }];
    const broker = { url: stub.url, clientId: 'papilio', login: 'me', heartbeatMs: 0, subscriptions };
    const brokers = ['a', 'b'].map((name) => ({ ...broker, name }));
    writeFileSync(file, JSON.stringify({ brokers }));
    const words = [...topic, '--to', join(folder.path, 'run.jsonl'), '--count', '1'];
    const unnamed = aRecording('--broker', file, ...words);
    expect(await unnamed.done).toBe(exit.usage);
    expect(unnamed.err()).toContain(`${file}#a or ${file}#b`);
    const recording = aRecording('--broker', `${file}#b`, ...words);
    const [subscription] = await stub.whenGot('SUBSCRIBE', 1);
    stub.say(said);
    expect(await recording.done).toBe(exit.ok);
    expect(stub.got('CONNECT')[0]?.headers).toMatchObject({ login: 'me' });
    expect(stub.got('CONNECT')[0]?.headers).not.toHaveProperty('client-id');
    expect(Object.keys(subscription?.headers ?? {})).not.toContain('durable-subscription-name');
    expect(Object.keys(subscription?.headers ?? {})).not.toContain('selector');
  });

  test.each([
    ['a broker that refuses', 'stomp', exit.unavailable, 'no such vhost'],
    ['a URL that is none', 'stomp://', exit.usage, 'url: Invalid URL'],
    ['a secret in a URL', 'stomp://a:lepidoptera@localhost', exit.usage, 'a secret does not belong in a URL'],
    ['a file that is not there', '/nowhere/brokers.json', exit.usage, '/nowhere/brokers.json'],
  ])('of %s is told, and leaves no file', async (_, named, code, reason) => {
    using folder = aFolder();
    const path = join(folder.path, 'run.jsonl');
    await using stub = await aStompStub(() => String(aFrame('ERROR', { message: 'no such vhost' })));
    const recording = aRecording('--broker', named === 'stomp' ? stub.url : named, ...topic, '--to', path);
    expect(await recording.done).toBe(code);
    expect(recording.err()).toContain(reason);
    expect(recording.err()).not.toContain('lepidoptera');
    expect(existsSync(path)).toBe(false);
  });
});
