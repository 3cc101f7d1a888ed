import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentLog } from '#lib/log';
import type { Anchor } from '#ports/anchor';
import { openFileAnchor } from '../../functions/adapters/anchor/file.ts';
import { type Anchoring, startAnchoring } from '../../local/audit/anchoring.ts';
import { verifyFolder } from '../../local/audit/verify-folder.ts';
import type { TestDeps } from './a-deps.ts';
import { openWork } from './an-audited-folder.ts';

/** Starts to anchor the work plane of a folder. */
export const anchoring = (folder: string, deps: TestDeps, anchor: Anchor): Anchoring =>
  startAnchoring({
    ...{ plane: 'work', folder: join(folder, 'work'), config: deps.config, anchor },
    ...{ log: deps.eventLog, clock: deps.clock, logger: silentLog },
  });

/** Runs the work plane of a folder for a moment: `work` is done in it, and at its stop a head is anchored. */
export const anchorAfter = async (
  folder: string,
  anchor: Anchor,
  work: (deps: TestDeps) => Promise<unknown> = async () => undefined,
) => {
  const deps = await openWork(folder);
  await work(deps);
  const running = anchoring(folder, deps, anchor);
  await running.stop();
  await deps.store.close();
  return running.report();
};

/** Verifies the work plane of a folder, with an anchor in a file or without. */
export const verified = (folder: string, anchorPath?: string) =>
  verifyFolder({
    ...{ folder, plane: 'work', deed: { instance: 'test', wing: 'bnl' } },
    anchor: anchorPath === undefined ? undefined : openFileAnchor(anchorPath),
  });

/** Edits the heads of a file, as somebody could who owns it. */
export const editHeads = (path: string, edit: (lines: string[]) => string[]): void => {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  writeFileSync(
    path,
    edit(lines)
      .map((line) => `${line}\n`)
      .join(''),
  );
};
