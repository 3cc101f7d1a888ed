import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { PapilioError } from '#lib/errors';
import type { Anchor } from '#ports/anchor';
import { openFileAnchor } from '../../../../functions/adapters/anchor/file.ts';
import { AnchoredHead, AnchorState } from '../../../../functions/lib/schema/anchor.ts';
import { aFolder } from '../../../builders/a-folder.ts';
import { anchorAfter, anchoring, editHeads, verified } from '../../../builders/an-anchor.ts';
import { addThings, anAuditedFolder, manipulate, openWork } from '../../../builders/an-audited-folder.ts';

const originals = aFolder();
afterAll(() => originals[Symbol.dispose]());
const made = new Map<string, Promise<unknown>>();

/** A copy of what is made once. */
const aPlace = async (name = 'plain', make: (data: string, path: string) => Promise<unknown> = anAuditedFolder) => {
  const original = join(originals.path, name);
  const once = made.get(name) ?? make(join(original, 'data'), join(original, 'heads.jsonl'));
  made.set(name, once);
  await once;
  const folder = aFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  cpSync(original, folder.path, { recursive: true });
  return { data: join(folder.path, 'data'), path: join(folder.path, 'heads.jsonl'), other: join(folder.path, 'other') };
};
/** The folder with three heads, whose anchor is named as the copy has it. */
const anchoredThrice = async () => {
  const place = await aPlace('anchored', async (data, path) => {
    await anAuditedFolder(data);
    for (const first of [20, 30, 40]) await anchorAfter(data, openFileAnchor(path), more(first));
  });
  const state = join(place.data, 'work', 'anchor.json');
  const known = AnchorState.parse(JSON.parse(readFileSync(state, 'utf8')));
  writeFileSync(state, JSON.stringify({ ...known, anchor: place.path }));
  return place;
};
const headsIn = (path: string): AnchoredHead[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => AnchoredHead.parse(JSON.parse(line)));
const faultsOf = async (data: string, path?: string) =>
  (await verified(data, path)).faults.map(({ kind, what }) => `${kind}: ${what}`);
const more = (first: number) => (deps: Parameters<typeof addThings>[0]) => addThings(deps, first, 4);

/** An anchor that a plane is killed at: before a head is added, or after. */
const deadly = (anchor: Anchor, moment: 'before' | 'after'): Anchor => ({
  ...anchor,
  add: async (head) => {
    if (moment === 'after') await anchor.add(head);
    throw new Error('killed');
  },
});

describe('a plane that anchors its log', () => {
  it('signs a head after so much time, or so many events, and none while nothing happens', async () => {
    const { data, path } = await aPlace();
    const deps = await openWork(data);
    const config = { ...deps.config, PAPILIO_ANCHOR_EVERY_EVENTS: 5 };
    const running = anchoring(data, { ...deps, config }, openFileAnchor(path));
    const until = async (count: number) => {
      await expect.poll(() => headsIn(path).length, { interval: 5 }).toBe(count);
      await deps.clock.whenTimers(2);
    };
    await expect.poll(() => running.report().seq).toBeGreaterThan(0);
    await until(1);
    await addThings(deps, 20, 5);
    await until(2);
    await addThings(deps, 30, 1);
    await deps.clock.advance(60_000);
    await until(3);
    await deps.clock.advance(600_000);
    await running.stop();
    await deps.store.close();
    const [first, second, third] = headsIn(path);
    expect([second?.seq, third?.seq]).toEqual([(first?.seq ?? 0) + 5, (first?.seq ?? 0) + 6]);
    expect([first?.publicKey, second?.publicKey]).toEqual([expect.any(String), undefined]);
    expect(headsIn(path)).toHaveLength(3);
    expect(await faultsOf(data, path)).toEqual([]);
  });

  it.each(['before', 'after'] as const)('killed %s its head is added continues without a gap', async (moment) => {
    const { data, path } = await aPlace();
    const anchor = openFileAnchor(path);
    await anchorAfter(data, anchor);
    const report = await anchorAfter(data, deadly(anchor, moment), more(20));
    expect(report).toMatchObject({ problem: { reason: expect.stringContaining('killed') } });
    expect(await faultsOf(data, path)).toEqual([]);
    await anchorAfter(data, anchor, more(30));
    expect(await verified(data, path)).toMatchObject({ faults: [], unseen: [], anchor: { heads: 3 } });
  });

  it('killed between an event and its head leaves a log that is whole, and anchors it at its start', async () => {
    const { data, path } = await aPlace();
    await anchorAfter(data, openFileAnchor(path));
    const deps = await openWork(data);
    await addThings(deps, 20, 4);
    await deps.store.close();
    const before = await verified(data, path);
    expect(before.faults).toEqual([]);
    expect(before.unseen).toHaveLength(2);
    await anchorAfter(data, openFileAnchor(path));
    expect(await verified(data, path)).toMatchObject({ faults: [], unseen: [] });
  });

  it('reports an anchor that cannot take heads, goes on, and anchors when it can', async () => {
    const { data, path } = await aPlace();
    const deps = await openWork(data);
    const held = { isAway: true };
    const anchor = openFileAnchor(path);
    const add: Anchor['add'] = async (head) => {
      if (held.isAway) throw new PapilioError('store-unavailable', 'no space left');
      await anchor.add(head);
    };
    const running = anchoring(data, deps, { ...anchor, add });
    await expect.poll(() => running.report().problem?.reason).toContain('no space left');
    await addThings(deps, 20, 4);
    held.isAway = false;
    await deps.clock.advance(60_000);
    await expect.poll(() => running.report()).toMatchObject({ to: path, seq: expect.any(Number) });
    expect(running.report().problem).toBeUndefined();
    await running.stop();
    await deps.store.close();
    expect(await verified(data, path)).toMatchObject({ faults: [], unseen: [] });
  });

  it('signs no head over a log that was cut or rewritten while it was down, and says so', async () => {
    const { data, path } = await aPlace();
    await anchorAfter(data, openFileAnchor(path));
    manipulate(data, (db) => db.exec('DELETE FROM events WHERE seq > (SELECT max(seq) - 5 FROM events)'));
    const cut = await anchorAfter(data, openFileAnchor(path));
    expect(cut.problem?.reason).toMatch(/the log ends at event \d+, before its anchored head at event \d+/);
    const rewritten = await anchorAfter(data, openFileAnchor(path), more(40));
    expect(rewritten.problem).toBeDefined();
    expect(headsIn(path)).toHaveLength(1);
    expect(await faultsOf(data, path)).toEqual([expect.stringMatching(/^cut: |^rewritten: /)]);
  });
});

describe('an anchor', () => {
  it('that is of another instance is named', async () => {
    const { data, path, other } = await aPlace();
    await anchorAfter(data, openFileAnchor(path));
    cpSync(path, other);
    editHeads(other, (lines) => lines.map((line) => line.replace('"instance":"test"', '"instance":"prod"')));
    expect(await faultsOf(data, other)).toEqual([
      expect.stringMatching(/^anchor: .*holds no head of this log \(test, wing bnl, plane work\), but heads of prod/),
    ]);
  });

  it('may be shared with other logs', async () => {
    const { data, path } = await aPlace();
    const another = await aPlace();
    await anchorAfter(another.data, openFileAnchor(path));
    editHeads(path, (lines) => lines.map((line) => line.replace('"instance":"test"', '"instance":"prod"')));
    await anchorAfter(data, openFileAnchor(path));
    expect(await verified(data, path)).toMatchObject({ faults: [], anchor: { heads: 1 } });
  });

  it.each<[string, (lines: string[]) => string[], RegExp]>([
    ['lost a head in its middle', (lines) => lines.toSpliced(1, 1), /does not follow the head before it/],
    ['lost its last head', (lines) => lines.slice(0, 2), /this log has signed the head of event \d+ for it/],
    ['lost its first head', (lines) => lines.slice(1), /does not follow the head before it/],
    [
      'has a head that was changed',
      (lines) => lines.map((line) => line.replace(/"auditLines":\d/, '"auditLines":8')),
      /its signature is not/,
    ],
    ['has a line that is no head', (lines) => ['nothing', ...lines], /holds something that is not a head: nothing/],
  ])('that %s is reported', async (_what, edit, wanted) => {
    const { data, path } = await anchoredThrice();
    expect(await faultsOf(data, path)).toEqual([]);
    editHeads(path, edit);
    expect((await faultsOf(data, path)).join('\n')).toMatch(wanted);
  });

  it('whose line a full disk has cut is as good as before when the whole line follows', async () => {
    const { data, path } = await aPlace();
    await anchorAfter(data, openFileAnchor(path));
    editHeads(path, ([line = '']) => [line.slice(0, 100), line]);
    expect(await faultsOf(data, path)).toEqual([]);
  });

  it('sees that a folder with another key took the place of this one', async () => {
    const { data, path } = await aPlace();
    await anchorAfter(data, openFileAnchor(path));
    for (const name of ['anchor-key.pem', 'anchor.json']) rmSync(join(data, 'work', name));
    await anchorAfter(data, openFileAnchor(path), more(20));
    expect((await faultsOf(data, path)).join('\n')).toMatch(/its signature is not|names another key/);
  });
});
