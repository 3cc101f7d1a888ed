import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { AuditFaultKind, AuditReport } from '#schema/audit-report';
import { openFileAnchor } from '../../../../functions/adapters/anchor/file.ts';
import { aFolder } from '../../../builders/a-folder.ts';
import { sealedFiles, sealNow } from '../../../builders/a-sealed-log.ts';
import { anchorAfter, verified } from '../../../builders/an-anchor.ts';
import {
  addActs,
  addThings,
  anAuditedFolder,
  type Manipulation,
  manipulate,
  manipulations,
} from '../../../builders/an-audited-folder.ts';

/** The fault that each leaves without an anchor; undefined: none can be seen. */
const seen: Readonly<Record<Manipulation, AuditFaultKind | undefined>> = {
  'all denied lines are deleted': 'missing',
  'who did an act is changed': 'changed',
  'all acts are deleted': 'missing',
  'the last five events are cut off': undefined,
  'the whole chain is recomputed': undefined,
  'an event is changed and its hash left': 'chain',
};
const seenByAnchor: Partial<Record<Manipulation, AuditFaultKind>> = {
  'the last five events are cut off': 'cut',
  'the whole chain is recomputed': 'rewritten',
};
const all = Object.entries(seen).map(([name, kind]) => ({ name, kind }));

const original = aFolder();
afterAll(() => original[Symbol.dispose]());
const heads = () => join(original.path, 'heads.jsonl');

const make = async (): Promise<string> => {
  const data = join(original.path, 'data');
  await anAuditedFolder(data);
  const anchor = openFileAnchor(heads());
  await anchorAfter(data, anchor);
  await anchorAfter(data, anchor, async (deps) => {
    await addActs(deps, 4, 2);
    await addThings(deps, 20, 8);
  });
  return data;
};
let made: Promise<string> | undefined;

/** A copy of the folder with something done to it. */
const aCopy = async (name?: string) => {
  made ??= make();
  const copy = aFolder();
  const data = join(copy.path, 'data');
  cpSync(await made, data, { recursive: true });
  const act = Object.entries(manipulations).find(([known]) => known === name)?.[1];
  if (act !== undefined) manipulate(data, act);
  return { data, [Symbol.dispose]: () => copy[Symbol.dispose]() };
};
const kinds = ({ faults }: AuditReport): string[] => [...new Set(faults.map(({ kind }) => kind))];

describe('a verification of the audit log', () => {
  it('finds no fault in a folder as papilio wrote it, with an anchor and without', async () => {
    using copy = await aCopy();
    const with_ = await verified(copy.data, heads());
    expect(with_).toMatchObject({ faults: [], unseen: [], covers: 10, lines: 10, uncovered: 0, earlierActs: 0 });
    expect(with_.anchor).toMatchObject({ heads: 2, seq: with_.events });
    expect(await verified(copy.data)).toMatchObject({ faults: [], covers: 10 });
  });

  it.each(all)('without an anchor finds that $name, or says that it cannot', async ({ name, kind }) => {
    using copy = await aCopy(name);
    const report = await verified(copy.data);
    expect(kinds(report)).toEqual(kind === undefined ? [] : [kind]);
    expect(report.unseen.map((one) => one.kind)).toEqual(['cut', 'rewritten']);
  });

  it.each(all)('with an anchor finds that $name', async ({ name, kind }) => {
    using copy = await aCopy(name);
    const report = await verified(copy.data, heads());
    const [, wanted = kind] = Object.entries(seenByAnchor).find(([known]) => known === name) ?? [];
    expect(kinds(report)).toEqual([wanted]);
  });
});

describe('a log whose events are sealed', () => {
  const aSealedCopy = async () => {
    const copy = await aCopy();
    const path = join(copy.data, 'work', 'store.db');
    await sealNow(path, { unsealedEvents: 5, segmentEvents: 5, segmentBytes: 1_000_000 });
    return { ...copy, segments: sealedFiles(path, '.seg') };
  };

  it('is verified across the seam', async () => {
    using copy = await aSealedCopy();
    expect(copy.segments.length).toBeGreaterThan(2);
    expect(await verified(copy.data, heads())).toMatchObject({ faults: [], unseen: [], covers: 10, lines: 10 });
    manipulate(copy.data, manipulations['all denied lines are deleted']);
    expect(kinds(await verified(copy.data))).toEqual(['missing']);
  });

  it('has a break where a segment was changed', async () => {
    using copy = await aSealedCopy();
    const [, second = ''] = copy.segments;
    const bytes = readFileSync(second);
    bytes.writeUInt8((bytes[40] ?? 0) ^ 1, 40);
    writeFileSync(second, bytes);
    const { faults } = await verified(copy.data, heads());
    expect(faults).toContainEqual(expect.objectContaining({ kind: 'chain', what: expect.stringContaining(second) }));
  });
});

describe('who knows how papilio writes its audit log', () => {
  const doneTo = async (sql: string): Promise<string[]> => {
    using copy = await aCopy();
    manipulate(copy.data, (db) => db.exec(sql));
    return kinds(await verified(copy.data));
  };

  it('cannot take a line out of the list that people see', async () => {
    const hide = "UPDATE items SET i1Pk = NULL, i1Sk = NULL, checksum = NULL WHERE sk = 'audit'";
    expect(await doneTo(hide)).toEqual(['hidden']);
  });

  it('cannot add a line, nor give one a later version', async () => {
    const add = `INSERT INTO items SELECT 'test_audit_forged', sk, version, doc, expiresMs, i1Pk, i1Sk || 'x', i2Pk, i2Sk, NULL
      FROM items WHERE pk = 'test_audit_line-1'`;
    expect(await doneTo(add)).toEqual(['added']);
    expect(await doneTo("UPDATE items SET version = 9, checksum = NULL WHERE sk = 'command'")).toEqual(['added']);
  });

  it('is found where the event of a line is no longer readable', async () => {
    const tear = "UPDATE events SET body = substr(body, 1, 150) WHERE body LIKE '%audit.recorded%'";
    expect(await doneTo(tear)).toEqual(['chain']);
  });

  it('cannot have a line go by itself later', async () => {
    const expire = "UPDATE items SET expiresMs = 99999999999999, checksum = NULL WHERE sk = 'audit'";
    expect(await doneTo(expire)).toEqual(['hidden']);
  });
});
