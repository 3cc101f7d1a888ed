import { describe, expect, it } from 'vitest';
import type { Command } from '#schema/command';
import { PeriodPage, StateView } from '#schema/view';
import { run } from '../../../clients/cli/program.ts';
import { acceptDaqMessage } from '../../../functions/daq/accept-daq-message.fn.ts';
import { keepPeriods } from '../../../functions/daq/keep-periods.fn.ts';
import { aDeps } from '../../builders/a-deps.ts';
import { aLife, aMessage, anStfMessage } from '../../builders/a-message.ts';
import { aCataloguedStf } from '../../builders/a-stf.ts';
import { adminToken, anApi } from '../../builders/an-api.ts';

const first = 102_363;
const why = ['--why', 'luminosity scan'];

/** What people and programs see of the detector’s state and of run periods, from the DAQ’s messages on. */
const aHouse = async () => {
  const keep = async (command: Command) => void (await keepPeriods.run(command, deps));
  const api = await anApi({ onCommand: keep });
  const deps = aDeps({ store: api.planes.work.store, environment: { PAPILIO_INSTANCE: 'prod' } });
  const url = await api.app.listen({ host: '127.0.0.1', port: 0 });
  const conditions = { beam_energy: '5 GeV', detector_config: 'physics' };
  const messages = [
    aMessage('run_imminent', { run_conditions: conditions, timestamp: '2025-12-31T23:59:59.000000' }),
    ...aLife('start_run', 'pause_run', 'resume_run', 'end_run'),
    aMessage('start_run', { timestamp: '2026-01-01T00:00:09.000000' }),
    aMessage('start_run', { run_id: first + 1, timestamp: '2026-01-01T00:00:02.500000' }),
    anStfMessage(1, { timestamp: '2026-01-01T00:00:01.000000' }),
  ];
  for (const message of messages) await acceptDaqMessage.run(message, deps);
  await aCataloguedStf(deps, 1);
  await api.caughtUp();

  /** Runs a command line; gives what it wrote and its exit code. */
  const papilio = async (...words: readonly string[]) => {
    const written = { out: '', err: '' };
    const stream = (name: 'out' | 'err') => ({
      isTTY: false,
      columns: 200,
      write: (text: string) => {
        written[name] += text;
      },
    });
    const io = { out: stream('out'), err: stream('err'), signal: new AbortController().signal };
    const code = await run([...words, '--url', url, '--token', adminToken], io);
    return { ...written, code };
  };
  const get = async (path: string) => (await api.app.inject({ url: path, headers: { host: '127.0.0.1:1' } })).json();
  return { papilio, get, [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() };
};

/** The same with two run periods: one of runs, one of time. */
const aHouseWithPeriods = async () => {
  const house = await aHouse();
  const { papilio } = house;
  const named = [
    await papilio('period', 'name', 'scan', '--runs', `${first}..`, '--set', 'beam=5x41', 'field=1.7 T', ...why),
    await papilio(
      'period',
      'name',
      'night',
      '--from',
      '2026-01-01T02:00:00+02:00',
      '--to',
      '2026-01-01T00:00:02Z',
      ...why,
    ),
    await papilio('period', 'close', 'scan', '--after', String(first + 9), ...why),
  ];
  return { ...house, named };
};

describe('the state of the detector', () => {
  it('is shown facet by facet, since when, and who said so', async () => {
    await using house = await aHouse();
    const { facets, overlaps } = StateView.parse(await house.get('/v1/state'));
    expect(facets.map(({ facet, value, runId }) => [facet, value, runId])).toEqual([
      ['detector', 'beam/not_ready', 'prod_run_00102363'],
      ['run-control', 'run 102363 ended', 'prod_run_00102363'],
      ['observed', 'run/physics', 'prod_run_00102363'],
    ]);
    expect(overlaps).toEqual([{ run: first + 1, with: first }]);
    const { out } = await house.papilio('state', 'show');
    expect(out).toMatch(/detector +beam\/not_ready +2026-01-01 00:00:03 +daq, implied +end_run of run 102363/);
    expect(out).toMatch(/observed +run\/physics +2026-01-01 00:00:01 +stream, observed +seen on STF 1/);
    expect(out).toMatch(/run 102364 began before run 102363 had ended/);
  });

  it('has a history of each facet, the latest first', async () => {
    await using house = await aHouse();
    const { out } = await house.papilio(
      'state',
      'history',
      '--facet',
      'detector',
      '-o',
      'jsonl',
      '--all',
      '--limit',
      '2',
    );
    const values = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).value);
    expect(values[0]).toBe('beam/not_ready');
    expect(values.at(-1)).toBe('beam/not_ready');
    expect(values).toContain('run/standby');
    expect((await house.papilio('state', 'history', '--facet', 'mood')).code).toBe(2);
  });

  it('has a history of a run that names the rule of what is held', async () => {
    await using house = await aHouse();
    const { out } = await house.papilio('state', 'history', '--run', String(first));
    expect(out).toMatch(/start_run .*held: run-restarted: start_run does not follow phase ended/);
    expect((await house.papilio('run', 'show', String(first))).out).toMatch(
      /conditions +beam_energy 5 GeV.*\n.*numbering +1000 TFs an STF, 65536 BXs a TF.*\n.*restarts +1,/,
    );
  });
});

describe('run periods', () => {
  it('are named, closed and shown', async () => {
    await using house = await aHouseWithPeriods();
    const [named, , closed] = house.named;
    expect(named, named?.err).toMatchObject({ code: 0, out: expect.stringMatching(/holds +runs 102363 to …/) });
    expect(closed?.out).toMatch(/holds +runs 102363 to 102372(.*\n)*closed .* by /);
    const night = await house.papilio('period', 'show', 'night');
    expect(night.out).toMatch(/2026-01-01 00:00:00 to 2026-01-01 00:00:02 UTC/);
    expect((await house.papilio('period', 'list', '-o', 'name')).out).toBe('night\nscan\n');
  });

  it.each([
    ['a run', ['--run', String(first)], ['night', 'scan']],
    ['a run that began later', ['--run', String(first + 1)], ['scan']],
    ['a run outside', ['--run', '1'], []],
    ['a moment', ['--at', '2026-01-01T00:00:01Z'], ['night', 'scan']],
    ['a moment before', ['--at', '2025-12-31T23:59:59.999Z'], []],
    ['a TF', ['--tf', String((BigInt(first) << 27n) + 1001n)], ['night', 'scan']],
    ['a TF of a run outside', ['--tf', '5'], []],
    ['a configuration', ['--configuration', 'field=1.7 T'], ['scan']],
    ['all of it', ['--run', String(first), '--configuration', 'beam=5x41'], ['scan']],
    ['some of it', ['--at', '2026-01-01T00:00:01Z', '--configuration', 'beam=other'], []],
  ])('are found by %s', async (_, query, names) => {
    await using house = await aHouseWithPeriods();
    const { out, code } = await house.papilio('period', 'list', ...query, '-o', 'name');
    expect([code, out.split('\n').filter(Boolean)]).toEqual([0, names]);
  });

  it.each([
    ['name scan --runs 5..6 --why x', 5, 'period-exists'],
    ['name p --runs 6..5 --why x', 2, 'input-invalid'],
    ['name p --runs five --why x', 2, 'usage'],
    ['name p --from 2026-01-01T00:00:00 --why x', 2, 'usage'],
    ['name p --runs 5 --set beam --why x', 2, 'usage'],
    ['name p --runs 5', 2, 'usage'],
    ['name p_q --runs 5 --why x', 2, 'input-invalid'],
    ['close scan --after 7 --why x', 5, 'period-closed'],
    ['close none --after 7 --why x', 3, 'record-missing'],
    ['show none', 3, 'record-missing'],
    ['list --tf -5', 2, 'input-invalid'],
    ['list --configuration beam', 2, 'input-invalid'],
  ])('papilio period %s ends with %i: %s', async (line, code, word) => {
    await using house = await aHouseWithPeriods();
    const result = await house.papilio('period', ...line.split(' '));
    expect(result.code, result.err).toBe(code);
    expect(result.err).toMatch(new RegExp(`^(?:prod at .+\\n)?error\\[${word}\\]: .+\\n  try: .+`));
  });

  it('are listed page by page', async () => {
    await using house = await aHouseWithPeriods();
    const page = PeriodPage.parse(await house.get('/v1/periods?limit=1'));
    expect(page.items.map(({ name }) => name)).toEqual(['night']);
    const next = PeriodPage.parse(await house.get(`/v1/periods?limit=1&cursor=${page.next}`));
    expect(next.items.map(({ name }) => name)).toEqual(['scan']);
  });

  it.each(['list', 'show', 'name', 'close'])('papilio period %s --help shows an example', async (verb) => {
    await using house = await aHouse();
    expect((await house.papilio('period', verb, '--help')).out).toMatch(/Examples?:\n {2}papilio period /);
  });
});
