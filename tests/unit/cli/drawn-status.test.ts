import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { plainFacts, renderStatus } from '../../../clients/cli/render.ts';
import { Status } from '../../../functions/lib/schema/status.ts';
import { aStatus, aTroubledStatus } from '../../builders/a-status.ts';
import { anApi, type TestApi } from '../../builders/an-api.ts';
import { archiveStf, processStf, tellRun } from '../../builders/an-stf-story.ts';

const colors = pc.createColors(false);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const story = { run: 102363, sequence: 1, receivedMs: 0 };

const statusOf = async (api: TestApi) =>
  Status.parse((await api.app.inject({ url: '/v1/status', headers: { host: 'localhost' } })).json());

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
        expect.stringMatching(/^broken {4}! dead letters in settle-dlq since \d\d:\d\d:\d\d UTC \(0 ms\)$/),
        '            3 messages failed for good',
        '            → docs/operators/runbooks/dead-letters.md',
        expect.stringMatching(/^work .* dead letters 3$/),
      ]),
    );
    expect(plainFacts(status)).toMatch(/ {2}broken: dead letters in settle-dlq$/);
  });

  const crowded = () => {
    const [late, held] = aTroubledStatus().broken;
    const others = ['one', 'another'].map((what) => ({ ...held, what, since: undefined }));
    return Status.parse({ ...aTroubledStatus(), broken: [late, held, ...others] });
  };

  it('begins with what is broken, all of it in full where there is room', () => {
    expect(renderStatus(crowded(), { width: 80, colors }).slice(0, 14)).toEqual([
      'broken    ✗ STFs wait longer than 10 s for their processing since 12:00:26 UTC',
      '            233, the oldest for 38 s, growing by 134 a minute',
      '            → docs/operators/runbooks/falls-behind.md',
      '          ! messages are held in quarantine since 11:58:51 UTC (2 min 3 s)',
      '            1 in the last hour, the last for stf-corrupt',
      '            → papilio quarantine list --state held',
      '          ! one',
      '            1 in the last hour, the last for stf-corrupt',
      '            → papilio quarantine list --state held',
      '          ! another',
      '            1 in the last hour, the last for stf-corrupt',
      '            → papilio quarantine list --state held',
      'papilio prod at bnl   run 102363  ● run/physics, physics  for 3 min 20 s',
      'state     stream flowing   processing running',
    ]);
  });

  it('shows in full as many as a screen has room for, the worst two at least, and of the others what they are', () => {
    const all = renderStatus(crowded(), { width: 80, colors });
    const shownIn = (rows: number) => {
      const lines = renderStatus(crowded(), { width: 80, colors }, rows);
      return [lines.length, lines.filter((line) => line.startsWith('            →')).length];
    };
    expect(shownIn(all.length)).toEqual([all.length, 4]);
    expect(shownIn(all.length - 1)).toEqual([all.length - 2, 3]);
    expect(shownIn(5)).toEqual([all.length - 4, 2]);
  });

  it('puts on a line of its own what does not fit beside the problem, and cuts no evidence', () => {
    const lines = renderStatus(aTroubledStatus(), { width: 60, colors });
    expect(lines.slice(0, 4)).toEqual([
      'broken    ✗ STFs wait longer than 10 s for their processing',
      '            since 12:00:26 UTC',
      '            233, the oldest for 38 s, growing by 134 a',
      '            minute',
    ]);
  });

  it('shows under a cause what it brings with it, and beside it brokers, disks and restarts', () => {
    const [late] = aTroubledStatus().broken;
    const since = '2026-11-25T12:00:26.500Z';
    const disk = { state: 'full', since, error: 'ENOSPC' } as const;
    const [archive, work] = aStatus().planes;
    const lines = renderStatus(
      Status.parse({
        ...aStatus(),
        broken: [{ ...late, consequences: [{ kind: 'stream-silent', what: 'no STFs come', evidence: 'none' }] }],
        planes: [{ ...archive, disk }, work],
        brokers: [
          { name: 'e1-bnl', url: 'stomp://b:1', state: 'connected', since },
          { name: 'e1-jlab', url: 'stomp://j:1', state: 'away', since },
        ],
        processes: [
          { name: 'archive', state: 'up', starts: 5, restarts: 4, since, lastExit: { at: since, cause: 'SIGKILL' } },
          { name: 'front', state: 'up', starts: 1, restarts: 0, since },
          { name: 'bridge', state: 'starting', starts: 2, restarts: 1, since },
        ],
      }),
      { width: 80, colors },
    );
    expect(lines[2]).toBe('            therefore: no STFs come');
    expect(lines.slice(-4)).toEqual([
      'archive   ● up   queued 1   running 1   disk full   restarts 4, last: SIGKILL 1…',
      'work      ● up   queued 2   running 2',
      'bridge    ✗ starting   restarts 1',
      'brokers   ● e1-bnl connected   ✗ e1-jlab away',
    ]);
  });

  it('is idle on a quiet screen, and running while what came is processed', () => {
    const [, processing] = aTroubledStatus().facets;
    const facets = [{ ...processing, value: 'suspended-by-silence' }];
    const shown = (count: number) => {
      const { backlogs } = aStatus();
      const status = { ...aStatus(), facets, backlogs: { ...backlogs, processing: { ...backlogs.processing, count } } };
      const parsed = Status.parse(status);
      return [renderStatus(parsed, { width: 80, colors })[2], / processing (\S+)/.exec(plainFacts(parsed))?.[1]];
    };
    expect(shown(0)).toEqual(['state     processing idle', 'idle']);
    expect(shown(153)).toEqual(['state     processing running', 'running']);
  });

  it('never says that more than all is done', () => {
    const { current } = aStatus();
    const stfs = { ...current?.stfs, seen: 84, archived: 84, processed: 85 };
    const lines = renderStatus(Status.parse({ ...aStatus(), current: { ...current, stfs } }), { width: 80, colors });
    expect(lines.join('\n')).toContain('  100 % done');
  });

  it('fits into 80 columns and 24 rows, numbers of a day included, with nothing cut off', () => {
    const many = { seen: 540_000, archived: 540_000, processed: 539_000, failed: 12, quarantined: 3 };
    for (const status of [aStatus(), aTroubledStatus()]) {
      const current = status.current && { ...status.current, stfs: many };
      for (const shown of [status, Status.parse({ ...status, current, waiting: 23_412, lagMs: 730_000 })]) {
        const lines = renderStatus(shown, { width: 79, colors }, 23);
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
      })[2];
    const { at, ribbon } = aStatus();
    const counts = expect.stringMatching(/^STFs /);
    expect(lineOf('run/physics', at)).toEqual(counts);
    expect(lineOf('calib/daq', at)).toBe('state     STFs say calib/daq');
    expect(lineOf('beam/ready', ribbon?.since ?? ''), 'the last STF came before the state changed').toEqual(counts);
  });

  it('is what the pages for shifters show', () => {
    for (const [page, status] of [
      ['docs/operators/shift.md', aTroubledStatus()],
      ['docs/users/shift.md', aStatus()],
    ] as const) {
      const shown = /^```text\n(broken {4}[\s\S]*?)\n```$/m.exec(readFileSync(join(root, page), 'utf8'))?.[1];
      expect(shown, page).toBe(renderStatus(status, { width: 80, colors }).join('\n'));
    }
  });

  it('names a plane without news in both forms', async () => {
    await using api = await anApi();
    api.reports.work = undefined;
    const status = await statusOf(api);
    expect(plainFacts(status)).toMatch(/broken: the work plane does not respond/);
    expect(renderStatus(status, { width: 100, colors }).at(-1)).toMatch(/^work +✗ no news since/);
  });
});
