import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../../../clients/cli/program.ts';
import { serveOnSocket } from '../../../local/front/own-socket.ts';
import { aMessageOf, anStfMessage } from '../../builders/a-message.ts';
import { adminToken } from '../../builders/an-api.ts';
import { type ApiWithPlanes, anApiWithPlanes } from '../../builders/an-api-with-planes.ts';

const good = anStfMessage(1).raw;
const bad = aMessageOf('{"msg_type":"coffee_ready"}');
const why = ['--why', 'the sender was told'];

let api: ApiWithPlanes;
let url: string;
let id: string;
beforeEach(async () => {
  api = await anApiWithPlanes();
  id = await api.hold('archive', bad);
  url = await api.app.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(() => api[Symbol.asyncDispose]());

/** Runs a command of quarantine; gives what it wrote and its exit code. */
const quarantine = async (
  words: readonly string[],
  piped?: string,
  caller: readonly string[] = ['--token', adminToken],
) => {
  const written = { out: '', err: '' };
  const io = {
    ...(piped === undefined ? {} : { in: asPipe(piped) }),
    out: { write: (text: string) => (written.out += text), columns: 100 },
    err: { write: (text: string) => (written.err += text) },
    signal: new AbortController().signal,
  };
  const code = await run(['quarantine', ...words, '--url', url, ...caller], io);
  return { ...written, code };
};
async function* asPipe(text: string) {
  // In pieces, as a pipe gives it.
  for (const at of [0, 1]) yield Buffer.from(text.slice(at * 20, at === 0 ? 20 : undefined));
}

/** A data folder whose front listens at an address. */
const aFolder = (address: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'papilio-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'front.json'), JSON.stringify({ url: address }));
  writeFileSync(join(folder, 'admin.token'), `${adminToken}\n`);
  return folder;
};

describe('papilio quarantine', () => {
  it('mends with a body from a pipe, in the name of the user of this machine', async () => {
    const { code, out, err } = await quarantine(['mend', id, ...why], good);
    expect({ code, err }).toEqual({ code: 0, err: `prod at ${url}\n` });
    expect(out).toMatch(/quarantine_[0-9a-f]{32} +quarantine\.mend +done/);
    expect(api.sent[0]?.command).toMatchObject({ data: { body: good }, by: userInfo().username, why: why[1] });
  });

  it('does to several what it is told, goes on after one that fails, and ends with its code', async () => {
    const other = await api.hold('archive', aMessageOf('no JSON'));
    const { code, out, err } = await quarantine(['discard', id, `quarantine_${'0'.repeat(32)}`, other, ...why]);
    expect(code).toBe(3);
    expect(err).toMatch(/quarantine_0{32}\nerror\[record-missing\]/);
    expect(out.match(/done/g)).toHaveLength(2);
  });

  it('reads ids from a pipe, as its own list prints them', async () => {
    await api.hold('archive', aMessageOf('no JSON'));
    const { out: names } = await quarantine(['list', '--state', 'held', '-o', 'name']);
    const { code } = await quarantine(['discard', '-', ...why], names);
    expect(code).toBe(0);
    expect((await quarantine(['list', '--state', 'discarded', '-o', 'name'])).out.split('\n').sort()).toEqual(
      names.split('\n').sort(),
    );
  });

  it('ends with 8 when a plane has it and has not ended it in time', async () => {
    api.isBusy = true;
    await api.caughtUp();
    let isOver = false;
    const asking = quarantine(['discard', id, ...why]).finally(() => {
      isOver = true;
    });
    // An answer is held back for 2 s, and the next one for 28 s.
    while (!isOver) await api.clock.advance(500);
    expect(await asking).toMatchObject({ code: 8, out: expect.stringMatching(/waiting/) });
  });

  it('with --wait stays until the plane has ended it, however long that takes', async () => {
    api.isBusy = true;
    await api.caughtUp();
    let isOver = false;
    const asking = quarantine(['replay', id, ...why, '--wait']).finally(() => {
      isOver = true;
    });
    for (let at = 0; at < 200; at += 1) await api.clock.advance(500);
    expect(isOver).toBe(false);
    await api.work();
    while (!isOver) await api.clock.advance(500);
    expect(await asking).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^prod at \S+\nerror\[message-type-unknown\]/),
    });
  });

  it('waits for a plane that takes longer than an answer is held back, and tells what it refused', async () => {
    api.isBusy = true;
    await api.caughtUp();
    // The first request starts the timer of the usage counter.
    await quarantine(['list']);
    const timers = api.clock.timers();
    const asking = quarantine(['replay', id, ...why]);
    await api.clock.whenTimers(timers + 1);
    await api.clock.advance(2_000);
    await api.clock.whenTimers(timers + 1);
    await api.work();
    expect(await asking).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^prod at \S+\nerror\[message-type-unknown\]/),
    });
  });

  it.each([
    ['a message that can be read', () => ['mend', id], good, 0, /stf_gen .*swf\.102363\.000001\.stf/],
    ['one that cannot', () => ['mend', id], '{"msg_type":"tea_ready"}', 1, / no +– +message-type-unknown.*tea_ready/],
    ['what is held', () => ['replay', id], undefined, 1, /coffee_ready/],
  ])('with --dry-run shows how %s would be read, and does nothing', async (_, words, piped, code, expected) => {
    const result = await quarantine([...words(), '--dry-run'], piped);
    expect(result).toMatchObject({ code, out: expect.stringMatching(expected) });
    expect(api.sent).toEqual([]);
  });

  it.each([
    ['no reason', () => ['discard', id], undefined, /--why is missing/],
    ['nothing piped in', () => ['mend', id, ...why], undefined, /nothing is piped in/],
    ['no id in the pipe', () => ['replay', '-', ...why], ' \n', /no id was piped in/],
    ['a file that is not there', () => ['mend', id, '--file', '/nowhere/x', ...why], undefined, /ENOENT/],
    ['a state that there is not', () => ['list', '--state', 'lost'], undefined, /held, released, mended, discarded/],
  ])('with %s ends with 2 and says what to try', async (_, words, piped, expected) => {
    const { code, err } = await quarantine(words(), piped);
    expect(code).toBe(2);
    expect(err).toMatch(expected);
    expect(err).toMatch(/\n {2}try: /);
    expect(api.sent).toEqual([]);
  });

  it('takes the token of the data folder whose front it asks', async () => {
    const folder = aFolder(url);
    onTestFinished(await serveOnSocket(api.app.server, join(folder, 'front.sock')));
    expect((await quarantine(['discard', id, ...why], undefined, ['--data', folder])).code).toBe(0);
  });

  it('shows it to no other front', async () => {
    const folder = aFolder('http://127.0.0.1:1');
    const { code, err } = await quarantine(['discard', id, ...why], undefined, ['--data', folder]);
    expect(code).toBe(4);
    expect(err).toMatch(/error\[token-missing\].*\n {2}try: /);
  });

  it.each(['mend', 'replay', 'discard'])('%s --help shows an example', async (act) => {
    expect((await quarantine([act, '--help'])).out).toMatch(/Examples?:\n {2}papilio quarantine /);
  });
});
