import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { renderStatus } from '../../../clients/cli/render.ts';
import { startView } from '../../../clients/cli/view.ts';
import { Status } from '../../../functions/lib/schema/status.ts';
import { aStatus } from '../../builders/a-status.ts';
import { anApi, type TestApi } from '../../builders/an-api.ts';
import { archiveStf, processStf, tellRun } from '../../builders/an-stf-story.ts';

const colors = pc.createColors(false);
const story = { run: 102363, sequence: 1, receivedMs: 0 };

/** What a view writes, with a promise for the moment when something was written. */
const aPage = (columns = 100) => {
  let text = '';
  const waiting = new Set<() => void>();
  const resized = new Set<() => void>();
  return {
    columns,
    text: () => text,
    resize: () => {
      for (const listener of resized) listener();
    },
    on: (_: 'resize', listener: () => void) => resized.add(listener),
    off: (_: 'resize', listener: () => void) => resized.delete(listener),
    write: (more: string) => {
      text += more;
      for (const look of [...waiting]) look();
    },
    until: (expected: RegExp) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (!expected.test(text)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
};

const listening = async (api: TestApi) => api.app.listen({ host: '127.0.0.1', port: 0 });
const statusOf = async (api: TestApi) =>
  Status.parse((await api.app.inject({ url: '/v1/status', headers: { host: 'localhost' } })).json());

describe('a status while events are still being counted', () => {
  it('says that its figures are of an earlier moment, and of which', () => {
    const status = { ...aStatus(), position: 'a10-w20', isCatchingUp: true as const, catchUpEnd: 'a100-w200' };
    const lines = renderStatus(status, { width: 120, colors });
    expect(lines).toContain('figures are as of event a10-w20 and still being counted, up to a100-w200');
  });
});

describe('the live view', () => {
  it('writes a plain line when something changed, and none when nothing did', async () => {
    await using api = await anApi();
    const page = aPage();
    const view = startView({ baseUrl: await listening(api), out: page, isTty: false });
    await page.until(/no run yet/);
    await tellRun(api.planes.work, story.run);
    await archiveStf(api.planes.archive, story);
    await processStf(api.planes.work, story);
    await page.until(/run 102363 run\/physics.*seen 1 archived 1 processed 1/);
    await view.stop();
    const lines = page
      .text()
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(9));
    expect(new Set(lines).size).toBe(lines.length);
    expect(page.text()).not.toContain('\u001b');
  });

  it('makes room for what else is written to the terminal, and comes back below it', async () => {
    await using api = await anApi();
    await tellRun(api.planes.work, story.run);
    await api.caughtUp();
    const page = aPage();
    const view = startView({ baseUrl: await listening(api), out: page, isTty: true });
    await page.until(/STFs/);
    const before = page.text().length;
    view.above(() => page.write('papilio: archive ended: SIGKILL\n'));
    const written = page.text().slice(before).replaceAll('\u001b', 'ESC');
    const [cleared = '', redrawn = ''] = written.split('papilio: archive ended: SIGKILL\n');
    expect(cleared).toMatch(/^ESC\[\d+A\rESC\[0J$/);
    expect(redrawn).toContain('STFs');
    expect(redrawn, 'nothing of the message is drawn over').not.toMatch(/ESC\[\d+A/);
    await view.stop();
  });

  it('draws over its own lines on a terminal and gives the cursor back', async () => {
    await using api = await anApi();
    await tellRun(api.planes.work, story.run);
    await api.caughtUp();
    const page = aPage();
    const view = startView({ baseUrl: await listening(api), out: page, isTty: true });
    await page.until(/STFs/);
    page.resize();
    await archiveStf(api.planes.archive, story);
    await page.until(/seen 1/);
    await view.stop();
    const height = renderStatus(await statusOf(api), { width: 100, colors }).length;
    expect(page.text()).toContain(`\u001b[${height}A\r`);
    expect(page.text()).not.toContain('\u001b[2J');
    expect(page.text().startsWith('\u001b[?25l')).toBe(true);
    expect(page.text().endsWith('\u001b[?25h')).toBe(true);
  });

  it('writes a status as a line of JSON when something changed, and says beside it that papilio is away', async () => {
    const page = aPage();
    const talk = aPage();
    const api = await anApi();
    const view = startView({ baseUrl: await listening(api), out: page, isTty: true, jsonl: { talk } });
    await page.until(/\n/);
    await tellRun(api.planes.work, story.run);
    await page.until(/\n.*\n/);
    await api[Symbol.asyncDispose]();
    await talk.until(/does not answer/);
    await view.stop();
    const lines = page.text().trimEnd().split('\n');
    const runs = lines.map((line) => Status.parse(JSON.parse(line)).ribbon?.run);
    expect(runs).toEqual([undefined, story.run]);
  });

  it('never draws more lines than the terminal has, so that it can draw over them', async () => {
    await using api = await anApi();
    const page = { ...aPage(), rows: 5 };
    const view = startView({ baseUrl: await listening(api), out: page, isTty: true });
    await page.until(/broken/);
    page.resize();
    await view.stop();
    expect(page.text()).toContain('\u001b[4A\r');
  });

  it('says that papilio does not answer, and goes on asking', async () => {
    const page = aPage();
    const view = startView({ baseUrl: 'http://127.0.0.1:1', out: page, isTty: false });
    await page.until(/does not answer/);
    await view.stop();
  });
});
