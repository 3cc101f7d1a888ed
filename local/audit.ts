import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { readConfig } from '#lib/config';
import { asPapilioError, PapilioError } from '#lib/errors';
import type { AuditReport } from '#schema/audit-report';
import { planes } from '../functions/catalog.ts';
import { openAnchor } from './audit/open-anchor.ts';
import { verifyFolder } from './audit/verify-folder.ts';
import { readDeed } from './supervisor/data-folder.ts';

/** Verifies the audit logs of a data folder for `papilio audit verify`, which opens no stores: prints a report a plane as JSON. */
const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '.papilio' },
    /** A path, or the address of a bucket; without it that of the settings. */
    anchor: { type: 'string' },
    plane: { type: 'string', multiple: true, default: [...planes] },
  },
});

const progressEveryMs = 2_000;

/** Writes a line on how far a long verification has come, at most every two seconds. */
const createProgress = (plane: string) => {
  let saidMs = performance.now();
  return ({ events, lines }: { readonly events: number; readonly lines: number }): void => {
    if (performance.now() < saidMs + progressEveryMs) return;
    saidMs = performance.now();
    process.stderr.write(`progress ${plane}: ${events} events and ${lines} lines verified\n`);
  };
};

const verifyAll = async (): Promise<AuditReport[]> => {
  const config = readConfig();
  const folder = resolve(values.data);
  const deed = await readDeed(folder);
  if (deed === undefined) throw new PapilioError('store-unavailable', `${folder} is not a data folder of papilio`);
  if (deed.stack !== undefined)
    throw new PapilioError(
      'store-unavailable',
      `the records of ${folder} lie in the stack of ${deed.stack}, which cannot be verified from here`,
    );
  const address = values.anchor ?? config.PAPILIO_ANCHOR;
  const anchor = address === undefined ? undefined : await openAnchor(address, config);
  const reports: AuditReport[] = [];
  try {
    for (const plane of z.array(z.enum(planes)).parse(values.plane))
      reports.push(await verifyFolder({ folder, plane, deed, anchor, onProgress: createProgress(plane) }));
  } finally {
    anchor?.close();
  }
  return reports;
};

try {
  process.stdout.write(`${JSON.stringify(await verifyAll())}\n`);
} catch (thrown) {
  const { code, reason } = asPapilioError(thrown);
  process.stderr.write(`${JSON.stringify({ code, reason })}\n`);
  process.exitCode = 1;
}
