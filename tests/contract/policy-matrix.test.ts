import diagnostics from 'node:diagnostics_channel';
import fc from 'fast-check';
import type { FastifyInstance, RouteOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { decide } from '../../functions/access/decide.ts';
import { isPolicyName, type PolicyName, policyNames } from '../../functions/access/policies.ts';
import { facilities, jobs, tokens } from '../../functions/lib/records.ts';
import { type Belonging, type Principal, Role } from '../../functions/lib/schema/access.ts';
import { Can } from '../../functions/lib/schema/me.ts';
import { ProblemDetails } from '../../functions/lib/schema/problem.ts';
import { aFacility, aJob } from '../builders/a-job.ts';
import { aToken } from '../builders/a-machine-token.ts';
import { type ApiWithPeople, anApiWithPeople, aPerson } from '../builders/an-api-with-people.ts';
import { type Cell, type Column, cells, columns } from './policy-matrix-table.ts';

/** Whose the things are that the routes are asked about. */
const owner = 'olga@issuer.example';
const site = 'bnl';
const belonging: Belonging = { owner, facility: site };
const token = aToken({ owner });
const jobId = 'prod_job_bnl-1-00102363-00000001-p1';

/** What Fastify says when an application is made. */
const Made = z.object({ fastify: z.custom<FastifyInstance>() });
const nameOf = ({ method, url }: RouteOptions) => `${[method].flat().join(',')} ${url}`;

/** Routes as the application starts with them. */
const begun: RouteOptions[] = [];
let api: ApiWithPeople;
beforeAll(async () => {
  const onStart = (message: unknown) => {
    Made.parse(message).fastify.addHook('onRoute', (route) => {
      // What is got is asked for with HEAD too.
      if (route.method !== 'HEAD') begun.push(route);
    });
  };
  diagnostics.subscribe('fastify.initialization', onStart);
  api = await anApiWithPeople();
  diagnostics.unsubscribe('fastify.initialization', onStart);
  const facility = aFacility(site, { id: `prod_facility_${site}` });
  const job = aJob({ id: jobId, runId: 'prod_run_00102363', stfId: 'prod_stf_00102363-00000001', owner });
  const writes = [facilities.put(facility.id, facility, 0), jobs.put(jobId, job, 0), tokens.put(token.id, token, 0)];
  await api.planes.work.store.transact({ writes, events: [] });
});
afterAll(() => api[Symbol.asyncDispose]());

const isRole = (who: Column): who is Exclude<Column, 'nobody' | 'none'> => who !== 'nobody' && who !== 'none';

/** Somebody of a column, to whom the things belong or not. */
const personOf = (who: Column, isTheirs: boolean): Principal =>
  aPerson({
    id: isTheirs ? owner : 'someone@issuer.example',
    roles: isRole(who) ? [who] : [],
    facilities: isTheirs ? [site] : ['jlab'],
    ...(who === 'nobody' && { kind: 'anonymous' }),
  });

const things: Readonly<Record<string, string>> = { facilities: site, jobs: jobId, tokens: token.id };

/** A path of the route about things that are there, or of the form of one. */
const pathOf = (route: string): string => {
  const path = route.slice(route.indexOf('/'));
  const [, , noun = ''] = path.split('/');
  return path.replace(/:[a-z]+/i, things[noun] ?? '1');
};

const ask = async (route: string, shown: string | undefined): Promise<{ status: number; code?: string }> => {
  const method = route.startsWith('POST') ? 'POST' : 'GET';
  const body = method === 'POST' ? { payload: { why: 'a test of who may' } } : {};
  const answer = await api.ask(shown, { method, url: pathOf(route), ...body });
  const problem = answer.statusCode < 400 ? undefined : ProblemDetails.parse(answer.json());
  return { status: answer.statusCode, ...(problem && { code: problem.code }) };
};
const askAs = (route: string, who: Column, isTheirs: boolean) =>
  ask(route, who === 'nobody' ? undefined : api.know(personOf(who, isTheirs)));

const denied: Readonly<Record<string, number>> = { 'token-missing': 401, 'role-missing': 403 };
const expectDenied = async (...asked: Parameters<typeof askAs>) => {
  const { status, code = '' } = await askAs(...asked);
  expect(denied[code], `${asked.join(' ')}: ${status} ${code}`).toBe(status);
  expect(code).toBe(asked[1] === 'nobody' ? 'token-missing' : 'role-missing');
};
const expectAllowed = async (...asked: Parameters<typeof askAs>) => {
  const { status, code = '' } = await askAs(...asked);
  expect([401, 403], `${asked.join(' ')}: ${status} ${code}`).not.toContain(status);
  expect(status).toBeLessThan(500);
};

const policyOfRoute = (route: string): PolicyName => {
  const name = begun.find((one) => nameOf(one) === route)?.config?.policy ?? '';
  if (!isPolicyName(name)) throw new Error(`${route} names no policy`);
  return name;
};

/** What the code says of a cell. */
const saidByCode = ({ route, who }: Cell): string => {
  const policy = policyOfRoute(route);
  if (decide(personOf(who, false), policy, belonging).isAllowed) return 'y';
  return decide(personOf(who, true), policy, belonging).isAllowed ? 'o' : '-';
};

describe('the table of roles and routes', () => {
  it('has a line for every route that starts, and for no other', () => {
    expect([...new Set(cells.map(({ route }) => route))].toSorted()).toEqual(begun.map(nameOf).toSorted());
  });

  it('has a route for every policy', () => {
    const used = new Set(begun.map((route) => route.config?.policy));
    expect(policyNames.filter((name) => !used.has(name))).toEqual([]);
  });

  it('says what the policies say', () => {
    expect(cells.map((cell) => ({ ...cell, may: saidByCode(cell) }))).toEqual(cells);
  });
});

describe.each([...new Set(cells.map(({ route }) => route))])('%s', (route) => {
  const line = cells.filter((cell) => cell.route === route);
  const isOpen = line.every(({ may }) => may === 'y');

  it.each(line.map(({ who, may }) => [who, may] as const))('%s: %s', async (who, may) => {
    // Each cell is asked twice: as it says, and as it would be with another role, or with what is another's.
    if (may === 'y') {
      await expectAllowed(route, who, false);
      if (!isOpen && who !== 'none') await expectDenied(route, 'nobody', false);
    }
    if (may === 'o') {
      await expectAllowed(route, who, true);
      await expectDenied(route, who, false);
    }
    if (may === '-') {
      await expectDenied(route, who, true);
      await expectAllowed(route, 'admin', false);
    }
  });
});

it('a person who has every role but those of a line may not, and with one of them may', async () => {
  for (const route of new Set(cells.map((cell) => cell.route))) {
    const may = cells.filter((cell) => cell.route === route && cell.may === 'y').map(({ who }) => who);
    const others = columns.filter((who) => isRole(who) && !may.includes(who)).filter(isRole);
    const person = aPerson({ roles: others, facilities: ['jlab'] });
    const policy = policyOfRoute(route);
    expect(decide(person, policy, belonging).isAllowed).toBe(may.includes('none'));
    for (const role of may.filter(isRole))
      expect(decide({ ...person, roles: [...others, role] }, policy, belonging).isAllowed).toBe(true);
  }
});

it('what papilio says that somebody may is what they may, for every route, roles and things of theirs or others', async () => {
  const routes = [...new Set(cells.map((cell) => cell.route))];
  const asked = fc.record({
    route: fc.constantFrom(...routes),
    roles: fc.subarray([...Role.options]),
    facility: fc.constantFrom(site, 'jlab'),
    id: fc.constantFrom(owner, 'someone@issuer.example'),
  });
  await fc.assert(
    fc.asyncProperty(asked, async ({ route, roles, facility, id }) => {
      const shown = api.know(aPerson({ id, roles, facilities: [facility] }));
      const on = things[route.split('/')[2] ?? ''];
      const query = new URLSearchParams({ action: policyOfRoute(route), ...(on !== undefined && { on }) });
      const said = Can.parse((await api.ask(shown, { url: `/v1/me/can?${query}` })).json());
      const { code = '' } = await ask(route, shown);
      expect({ route, roles, isDenied: code in denied }).toEqual({ route, roles, isDenied: !said.isAllowed });
    }),
    { numRuns: 300 },
  );
});
