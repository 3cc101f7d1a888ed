import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, it, onTestFinished } from 'vitest';
import { run } from '../../../clients/cli/program.ts';
import { openFileAnchor } from '../../../functions/adapters/anchor/file.ts';
import { openSqliteStore } from '../../../functions/adapters/store/sqlite.ts';
import { AuditReport } from '../../../functions/lib/schema/audit-report.ts';
import { systemClock } from '../../../functions/lib/system-clock.ts';
import { aFolder } from '../../builders/a-folder.ts';
import { anchorAfter } from '../../builders/an-anchor.ts';
import { anAuditedFolder, manipulate, manipulations } from '../../builders/an-audited-folder.ts';

const papilio = async (words: readonly string[]) => {
  const said = { out: '', err: '' };
  const stream = (name: 'out' | 'err') => ({
    write: (text: string | Uint8Array) => {
      said[name] += text;
    },
  });
  const code = await run(['--config', '/none', ...words], {
    ...{ in: Readable.from(['']), out: stream('out'), err: stream('err') },
    signal: new AbortController().signal,
  });
  return { ...said, code };
};

/** A data folder with both planes at rest, the work plane's log anchored. */
const aData = async () => {
  const folder = aFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  const data = join(folder.path, 'data');
  const heads = join(folder.path, 'heads.jsonl');
  await anAuditedFolder(data);
  const { store } = await openSqliteStore({ path: join(data, 'archive', 'store.db'), clock: systemClock });
  await store.close();
  await anchorAfter(data, openFileAnchor(heads));
  return { data, heads };
};

it('papilio audit verify without an anchor names the two manipulations that it cannot see', async () => {
  const { data } = await aData();
  const { out, code } = await papilio(['--data', data, 'audit', 'verify']);
  expect(code).toBe(0);
  expect(out).toMatch(/✓ work: 18 events chained, 6 of them compared with their lines, 6 lines looked for, no anchor/);
  expect(out).toContain('? cannot see (cut): whether the last events were cut off');
  expect(out).toContain('? cannot see (rewritten): whether the chain was computed again');
});

it('papilio audit verify exits by what it finds', async () => {
  const { data, heads } = await aData();
  const verify = (anchor: string) => papilio(['--data', data, 'audit', 'verify', '--json', '--anchor', anchor]);
  const whole = await verify(heads);
  const [, work] = AuditReport.array().parse(JSON.parse(whole.out));
  expect(work).toMatchObject({ plane: 'work', faults: [], unseen: [], anchor: { heads: 1, seq: 18 } });
  expect(await verify(`${heads}.none`)).toMatchObject({ code: 6, err: expect.stringContaining('no such file') });
  manipulate(data, manipulations['all denied lines are deleted']);
  expect(await papilio(['--data', data, 'audit', 'verify'])).toMatchObject({
    code: 1,
    out: expect.stringContaining('✗ missing: line test_audit_line-1 is not there'),
  });
  manipulate(data, manipulations['the last five events are cut off']);
  const { code, out } = await verify(heads);
  expect([code, out]).toEqual([5, expect.stringContaining('"cut"')]);
});
