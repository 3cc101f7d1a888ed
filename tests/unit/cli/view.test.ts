import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { plainFacts, renderStatus } from '../../../clients/cli/render.ts';
import { startView } from '../../../clients/cli/view.ts';
import { Status } from '../../../functions/lib/schema/status.ts';
import { aStatus, aTroubledStatus } from '../../builders/a-status.ts';
import { anApi, type TestApi } from '../../builders/an-api.ts';
import { archiveStf, processStf, tellRun } from '../../builders/an-stf-story.ts';

const colors = pc.createColors(false);
const root = fileURLToPath(new URL('../../../', import.meta.url));
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
    expect(lines[1]).toBe('figures are as of event a10-w20 and still being counted, up to a100-w200');
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
        for (const line of renderStatus(status, { width, colors })) expect(line.length).toBeLessThanOrEqual(width);
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
    expect(renderStatus(status, { width: 80, colors })).toEqual(
      expect.arrayContaining([
        'broken    ! dead letters in settle-dlq',
        expect.stringMatching(/^ +since \d\d:\d\d:\d\d UTC \(0 ms\): 3 messages failed for good$/),
        '            → docs/operators/runbooks/dead-letters.md',
        expect.stringMatching(/^work .* dead letters 3$/),
      ]),
    );
    expect(plainFacts(status)).toMatch(/ {2}broken: dead letters in settle-dlq$/);
  });

  it('tells the worst two in full and of the others what they are', () => {
    const [late, held] = aTroubledStatus().broken;
    const others = ['one', 'another'].map((what) => ({ ...held, what }));
    const status = Status.parse({ ...aTroubledStatus(), broken: [late, held, ...others] });
    const lines = renderStatus(status, { width: 80, colors });
    const first = lines.findIndex((line) => line.startsWith('broken'));
    expect(lines.slice(first, first + 10).map((line) => line.trim())).toEqual([
      'broken    ✗ STFs wait longer than 10 s for their processing',
      'since 12:00:26 UTC (27.5 s)',
      '233, the oldest for 38 s, growing by 134 a minute',
      '→ docs/operators/runbooks/falls-behind.md',
      '! messages came to quarantine',
      'since 11:58:51 UTC (2 min 3 s)',
      '1 in the last hour, the last for stf-corrupt',
      '→ papilio quarantine list --state held',
      '! one',
      '! another',
    ]);
  });

  it('fits into 80 columns and 24 rows, numbers of a day included, with nothing cut off', () => {
    const many = { seen: 540_000, archived: 540_000, processed: 539_000, failed: 12, quarantined: 3 };
    for (const status of [aStatus(), aTroubledStatus()]) {
      const current = status.current && { ...status.current, stfs: many };
      for (const shown of [status, Status.parse({ ...status, current, waiting: 23_412, lagMs: 730_000 })]) {
        const lines = renderStatus(shown, { width: 79, colors });
        expect(lines.length).toBeLessThan(24);
        expect(lines.filter((line) => line.includes('…'))).toEqual([]);
      }
    }
  });

  it('keeps the hops apart, however long one takes', () => {
    const { current } = aStatus();
    const hops = (current?.hops ?? []).map((hop) => ({ ...hop, p50Ms: 931_000 }));
    const lines = renderStatus(Status.parse({ ...aStatus(), current: { ...current, hops } }), { width: 80, colors });
    expect(lines.find((line) => line.startsWith('  p50'))).toBe(`  p50     ${'15 min     '.repeat(6).trimEnd()}`);
  });

  it('shows what STFs say only where it differs from what the DAQ said', () => {
    const [facet] = aTroubledStatus().facets;
    const lineOf = (value: string, lastStfAt: string) =>
      renderStatus(Status.parse({ ...aStatus(), lastStfAt, facets: [{ ...facet, facet: 'observed', value }] }), {
        width: 80,
        colors,
      })[1];
    const { at, ribbon } = aStatus();
    expect(lineOf('run/physics', at)).toBe('broken    nothing');
    expect(lineOf('calib/daq', at)).toBe('state     STFs say calib/daq');
    expect(lineOf('beam/ready', ribbon?.since ?? ''), 'the last STF came before the state changed').toBe(
      'broken    nothing',
    );
  });

  it('is what the pages for shifters show', () => {
    for (const [page, status] of [
      ['docs/operators/shift.md', aTroubledStatus()],
      ['docs/users/shift.md', aStatus()],
    ] as const) {
      const shown = /^```text\n(papilio prod at bnl[\s\S]*?)\n```$/m.exec(readFileSync(join(root, page), 'utf8'))?.[1];
      expect(shown, page).toBe(renderStatus(status, { width: 80, colors }).join('\n'));
    }
  });

  it('names a plane without news in both forms', async () => {
    await using api = await anApi();
    api.reports.work = undefined;
    const status = await statusOf(api);
    expect(plainFacts(status)).toMatch(/broken: the work plane gives no news/);
    expect(renderStatus(status, { width: 100, colors }).at(-1)).toMatch(/^work +✗ no news since/);
  });
});
