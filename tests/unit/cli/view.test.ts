import fc from 'fast-check';
import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { plainFacts, renderStatus } from '../../../clients/cli/render.ts';
import { startView } from '../../../clients/cli/view.ts';
import { Status } from '../../../functions/lib/schema/status.ts';
import { anApi, type TestApi } from '../../builders/an-api.ts';
import { archiveStf, processStf, tellRun } from '../../builders/an-stf-story.ts';

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
    const height = renderStatus(await statusOf(api), { width: 100, colors: pc.createColors(false) }).length;
    expect(page.text()).toContain(`\u001b[${height}A\r`);
    expect(page.text()).not.toContain('\u001b[2J');
    expect(page.text().startsWith('\u001b[?25l')).toBe(true);
    expect(page.text().endsWith('\u001b[?25h')).toBe(true);
  });

  it('says that papilio does not answer, and goes on asking', async () => {
    const page = aPage();
    const view = startView({ baseUrl: 'http://127.0.0.1:1', out: page, isTty: false });
    await page.until(/does not answer/);
    await view.stop();
  });
});

describe('a drawn status', () => {
  it('is never wider than the terminal', async () => {
    await using api = await anApi();
    await tellRun(api.planes.work, story.run);
    await archiveStf(api.planes.archive, story);
    await processStf(api.planes.work, story);
    await api.caughtUp();
    const status = await statusOf(api);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), (width) => {
        for (const line of renderStatus(status, { width, colors: pc.createColors(false) }))
          expect(line.length).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('names each queue with dead letters in both forms, and says what to do', async () => {
    await using api = await anApi();
    const depth = { visible: 2, inFlight: 1, delayed: 0 };
    const none = { visible: 0, inFlight: 0, delayed: 0 };
    const { work } = api.reports;
    api.reports.work = work && { ...work, queues: { settle: depth, 'settle-dlq': depth, 'broker-dlq': none } };
    const status = await statusOf(api);
    const lines = renderStatus(status, { width: 80, colors: pc.createColors(false) });
    expect(lines.slice(-2)).toEqual([
      expect.stringMatching(/^work .* dead letters 3$/),
      '          ✗ 3 in settle-dlq: see docs/operators/runbooks/dead-letters.md',
    ]);
    expect(plainFacts(status)).toMatch(/ {2}dead letters in settle-dlq 3$/);
  });

  it('names a plane without news in both forms', async () => {
    await using api = await anApi();
    api.reports.work = undefined;
    const status = await statusOf(api);
    expect(plainFacts(status)).toMatch(/work: no news since/);
    expect(renderStatus(status, { width: 100, colors: pc.createColors(false) }).at(-1)).toMatch(
      /^work +✗ no news since/,
    );
  });
});
