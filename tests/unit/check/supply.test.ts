import { expect, test } from 'vitest';
import { aWebServer, type Reply, sayJson } from '../../builders/a-web-server.ts';
import { loosePins } from '../../check/actions.ts';
import { advisoryProblems, ageOf, compareVersions, readSnapshot } from '../../check/advisories.ts';
import { licenceProblems } from '../../check/licences.ts';
import { installedPackages, packagesIn } from '../../check/lock-file.ts';
import { takeSnapshot } from '../../check/renew-advisories.ts';

const lockOf = (packages: object) => packagesIn(JSON.stringify({ packages }));
const planted = lockOf({
  '': { version: '0.1.0' },
  'functions/adapters/functions/request': { version: '3.0.0-papilio.1', license: 'Apache-2.0' },
  'node_modules/request': { link: true },
  'node_modules/old/node_modules/request': { version: '2.88.2', license: 'Apache-2.0' },
  'node_modules/form-data': { version: '2.3.3', license: 'MIT' },
  'node_modules/tough-cookie': { version: '4.1.3', license: 'GPL-3.0-only' },
  'node_modules/tool': { version: '1.0.0', license: '(MPL-2.0 OR GPL-3.0-only)', dev: true },
  'node_modules/runs': { version: '1.0.0', license: 'MPL-2.0' },
  'node_modules/both': { version: '1.0.0', license: 'MIT AND SSPL-1.0' },
});

test('a dependency with an entry in the snapshot is found, wherever it lies, and none of papilio’s own', async () => {
  const found = advisoryProblems(planted, await readSnapshot(), { today: '2026-12-03' });
  expect(found.map((line) => line.split(': ').slice(0, 2).join(' '))).toEqual([
    'request@2.88.2 GHSA-p8p7-x288-28g6, CVE-2023-28155',
    'form-data@2.3.3 GHSA-fjxv-7rqg-78g4, CVE-2025-7783',
  ]);
});

test('what papilio is installed from has none', async () => {
  expect(advisoryProblems(await installedPackages(), await readSnapshot(), { today: '2026-12-03' })).toEqual([]);
});

test('a weakness that is borne is borne until its day', async () => {
  const snapshot = await readSnapshot();
  const bears = [{ id: 'GHSA-p8p7-x288-28g6', package: 'request', because: 'no redirects', until: '2027-01-31' }];
  expect(advisoryProblems(planted, snapshot, { bears, today: '2027-01-31' })).toHaveLength(1);
  expect(advisoryProblems(planted, snapshot, { bears, today: '2027-02-01' })).toHaveLength(2);
});

test('versions follow each other as numbers do, and what comes before a release comes before it', () => {
  const inOrder = ['0', '0.9.10', '1.0.0-rc.1', '1.0.0', '1.9.0', '1.10.0', '2.0.0'];
  expect(inOrder.toReversed().toSorted(compareVersions)).toEqual(inOrder);
});

test('a snapshot says how old it is', () => {
  const snapshot = { takenAt: '2026-12-03', source: 'from api.osv.dev', advisories: [] };
  expect(ageOf(snapshot, '2027-01-02')).toBe(
    '0 advisories of 2026-12-03, 30 days old, from api.osv.dev; renewed by npm run advisories',
  );
});

const vulnerability = (id: string, name: string, more: object = {}) => ({
  ...{ id, aliases: ['CVE-1'], summary: 's' },
  affected: [
    {
      package: { ecosystem: 'npm', name },
      ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '1.2.0' }, { introduced: '2.0.0' }] }],
      versions: ['1.0.0'],
    },
  ],
  ...more,
});

test('a snapshot is taken of our dependencies only, page by page, without what was withdrawn', async () => {
  const osv: Reply = (request, response) => {
    const { path, body } = request;
    const known: Readonly<Record<string, object>> = {
      '/v1/vulns/A': vulnerability('A', 'left'),
      '/v1/vulns/B': vulnerability('B', 'left', { withdrawn: '2026-01-01T00:00:00Z' }),
      '/v1/vulns/C': vulnerability('C', 'stranger'),
    };
    if (path !== '/v1/querybatch') return sayJson(known[path] ?? {}, known[path] ? 200 : 404)(request, response);
    const results = body.includes('page_token')
      ? [{ vulns: [{ id: 'C' }] }]
      : [{ vulns: [{ id: 'A' }, { id: 'B' }], next_page_token: 'more' }, {}];
    sayJson({ results })(request, response);
  };
  const { url, seen } = await aWebServer(osv);
  const { takenAt, advisories } = await takeSnapshot(url, ['left', 'right'], '2027-01-01');
  expect(takenAt).toBe('2027-01-01');
  expect(advisories).toEqual([
    {
      ...{ id: 'A', aliases: ['CVE-1'], package: 'left', summary: 's', versions: [] },
      ranges: [{ introduced: '0', fixed: '1.2.0' }, { introduced: '2.0.0' }],
    },
  ]);
  expect(seen.map(({ path }) => path).slice(0, 2)).toEqual(['/v1/querybatch', '/v1/querybatch']);
  const affects = (version: string) =>
    advisoryProblems(
      lockOf({ 'node_modules/left': { version } }),
      { takenAt, source: '', advisories },
      { today: takenAt },
    );
  expect(['1.1.9', '1.2.0', '1.9.9', '2.0.0', '3.1.0'].map((version) => affects(version).length)).toEqual([
    1, 0, 0, 1, 1,
  ]);
});

test('a source that fails gives no snapshot', async () => {
  const { url } = await aWebServer(sayJson({}, 500));
  await expect(takeSnapshot(url, ['left'], '2027-01-01')).rejects.toThrow('/v1/querybatch answered 500');
});

test('a licence that is not on the list is found, and one that only tools may have', () => {
  expect(licenceProblems(planted).map((line) => line.split(' ')[0])).toEqual([
    ...['tough-cookie@4.1.3', 'runs@1.0.0', 'both@1.0.0'],
  ]);
  expect(licenceProblems(lockOf({ 'node_modules/none': { version: '1.0.0' } }))).toHaveLength(1);
});

test('an action that is named by a tag is found', () => {
  const workflow = `steps:
  - uses: actions/checkout@v4
  - uses: actions/checkout@${'0'.repeat(40)} # v4.2.2
  - name: own
    uses: ./.github/actions/own
  - name: branch
    uses: somebody/action@main`;
  expect(loosePins('ci.yml', workflow)).toEqual([
    'ci.yml: actions/checkout@v4 is not pinned to a commit',
    'ci.yml: somebody/action@main is not pinned to a commit',
  ]);
});
