import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { coverageOf } from '#lib/model/tf-range';
import type { Event } from '#schema/event';
import { bytesAnStf, filesAnStf, readFileBudget } from '../builders/file-budget.ts';
import { plainEnvironment } from '../builders/plain-environment.ts';
import { accountOf, spectraOf } from './kill/account.ts';
import { recordsOf } from './records.ts';

/** The recorded run of the experiment's simulator, through the whole house, by the command that the README shows. */
const main = fileURLToPath(new URL('../../local/main.ts', import.meta.url));
const recording = fileURLToPath(
  new URL('../fixtures/messages/stf_datataking.stf_processing_default.jsonl', import.meta.url),
);
const scratch = mkdtempSync(join(tmpdir(), 'papilio-first-'));
const folder = join(scratch, 'data');
const tally = join(scratch, 'tally');

const Printed = z.strictObject({
  run: z.int(),
  stfs: z.strictObject({ seen: z.int(), archived: z.int(), processed: z.int(), failed: z.int(), quarantined: z.int() }),
  messages: z.strictObject({ seen: z.int(), duplicate: z.int(), quarantined: z.int() }),
  latencyMs: z.strictObject({ p50: z.number(), p99: z.number() }),
  outputs: z.array(z.looseObject({ id: z.string() })),
  outputCount: z.int(),
  isWhole: z.boolean(),
  missing: z.int(),
  shortfalls: z.array(z.unknown()),
  shortfallCount: z.int(),
});

/** Runs the command and gives what it printed; a test fails if it exits with anything but 0. */
const play = async () => {
  const words = [main, '--data', folder, '--replay', recording, '--speed', 'max', '--exit', '--json', '--port', '0'];
  const { stdout } = await promisify(execFile)(process.execPath, words, {
    env: { ...plainEnvironment, PAPILIO_PAYLOAD_TALLY: tally },
  });
  return Printed.parse(JSON.parse(stdout));
};

/** The printed numbers once more, counted from the rows of both logs by nothing that papilio uses itself. */
const recount = (events: readonly Event[]) => {
  const of = (type: string) => events.filter((event) => event.type === type);
  const subjects = (type: string) => new Set(of(type).map((event) => event.subject)).size;
  const latencies = of('stf.processed')
    .map((event) => Date.parse(event.time) - Date.parse(String(event.data.receivedAt)))
    .sort((a, b) => a - b);
  const quantile = (q: number) => latencies[Math.max(0, Math.ceil(latencies.length * q) - 1)];
  const stfMessages = of('message.received').filter((event) => event.data.stfId !== undefined);
  return {
    run: 102363,
    stfs: {
      seen: new Set(stfMessages.map((event) => event.data.stfId)).size,
      archived: subjects('stf.archived'),
      processed: subjects('stf.processed'),
      failed: subjects('stf.failed'),
      quarantined: of('message.quarantined').length,
    },
    messages: {
      seen: subjects('message.received') + of('message.repeated').length,
      duplicate: of('message.repeated').length,
      quarantined: of('message.quarantined').length,
    },
    latencyMs: { p50: quantile(0.5), p99: quantile(0.99) },
    outputs: of('output.registered')
      .map((event) => event.subject)
      .sort(),
    outputCount: of('output.registered').length,
    ...{ isWhole: true, missing: 0, shortfalls: [], shortfallCount: 0 },
  };
};

let first: z.infer<typeof Printed>;
beforeAll(async () => {
  first = await play();
}, 80_000);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const events = () => [...recordsOf(folder, 'archive').events, ...recordsOf(folder, 'work').events];

test('every STF of the recording is archived and processed', () => {
  expect(first.stfs).toEqual({ seen: 10, archived: 10, processed: 10, failed: 0, quarantined: 0 });
  expect(first.messages).toEqual({ seen: 15, duplicate: 0, quarantined: 0 });
});

test('every printed number can be counted again from the event logs', () => {
  expect({ ...first, outputs: first.outputs.map((output) => output.id).sort() }).toEqual(recount(events()));
});

test("every output equals the generator's truth, and the run's TFs are covered without gap or overlap", () => {
  const account = accountOf(folder, tally);
  const spectra = spectraOf(folder, account, { seed: 1, sizeBytes: 1_000_000 });
  expect(spectra).toHaveLength(10);
  for (const { found, truth } of spectra) expect(found.detectors).toEqual(truth.detectors);
  const ranges = account.stfs.map((stf) => ({ tfFirst: BigInt(stf.tfFirst), tfEnd: BigInt(stf.tfEnd) }));
  expect(coverageOf(ranges)).toMatchObject({ ranges: [{}], gaps: [], overlaps: [] });
});

test('no STF costs more files and bytes on the disk than the budget says', () => {
  expect(filesAnStf(folder, 10)).toEqual(readFileBudget().files);
  const { bytes, most } = bytesAnStf(folder, 10);
  for (const [part, limit] of Object.entries(readFileBudget().bytesMost)) expect(bytes[part], part).toBeLessThan(limit);
  expect(most).toBeLessThan(readFileBudget().folderMost);
});

test('every STF can be traced from its message to its output', () => {
  const { outputs, stfs, replicas } = accountOf(folder, tally);
  for (const output of outputs.filter((one) => one.stfId !== undefined)) {
    const stf = stfs.find((one) => one.id === output.stfId);
    expect(output.provenance.inputs).toEqual([
      { id: stf?.id, name: stf?.name, checksumAdler32: stf?.checksumAdler32, tfFirst: stf?.tfFirst, tfEnd: stf?.tfEnd },
    ]);
    expect(replicas.find((one) => one.stfId === stf?.id)).toMatchObject({
      checksumAdler32: stf?.checksumAdler32,
      messageId: stf?.messageId,
    });
  }
});

test('the same recording again finds only duplicates and shows the same records', async () => {
  const before = accountOf(folder, tally);
  const again = await play();
  const after = accountOf(folder, tally);
  expect(again.stfs).toEqual(first.stfs);
  expect(again.messages).toEqual({ seen: 30, duplicate: 15, quarantined: 0 });
  expect([after.stfs, after.replicas, after.jobs, after.outputs]).toEqual([
    before.stfs,
    before.replicas,
    before.jobs,
    before.outputs,
  ]);
  expect(after.started).toEqual(before.started);
}, 60_000);
