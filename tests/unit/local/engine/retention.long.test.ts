import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { machineOf } from '../../../builders/a-states-part.ts';
import { account, aFolder, anEngine } from '../../../builders/an-engine.ts';

const stateMachineArn = `arn:aws:states:us-east-1:${account}:stateMachine:m`;
const [segmentBytes, maxBytes] = [2 ** 20, 5 * 2 ** 20];
const executions = 100_000;

test('a hundred thousand executions leave no more in the folder than a snapshot and what is kept for histories', async () => {
  const folder = await aFolder();
  const engine = await anEngine({ folder, segmentBytes, retention: { maxBytes }, witness: (journal) => journal });
  const sfn = (operation: string, input: object) => engine.call('sfn', operation, input);
  const definition = JSON.stringify(machineOf({ A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Succeed' } }));
  await sfn('CreateStateMachine', { name: 'm', definition, roleArn: 'arn:aws:iam::111111111111:role/r' });
  const worst = { folderBytes: 0, allowedBytes: 0 };
  for (let n = 0; n < executions; n += 1000) {
    const names = Array.from({ length: 1000 }, (_, at) => `x${n + at}`);
    await Promise.all(
      names.map((name) => sfn('StartExecution', { stateMachineArn, name, input: '{"text":"papilio"}' })),
    );
    const sizes = await sizesIn(folder);
    const folderBytes = sizes.reduce((sum, [, size]) => sum + size, 0);
    const snapshotBytes = Math.max(
      segmentBytes,
      ...sizes.map(([name, size]) => (name.startsWith('snapshot') ? size : 0)),
    );
    // One snapshot, the next one on its way, and as much behind the first as makes the next one worth it.
    const allowedBytes = 4 * snapshotBytes + maxBytes + 2 * segmentBytes;
    expect(folderBytes).toBeLessThan(allowedBytes);
    if (folderBytes > worst.folderBytes) Object.assign(worst, { folderBytes, allowedBytes });
  }
  const { compaction, executions: counts } = engine.stats();
  expect(compaction.failure).toBeUndefined();
  expect(counts).toMatchObject({ running: 0, known: executions });
  process.stdout.write(
    `${executions} executions: the folder had at most ${worst.folderBytes} bytes, ${worst.allowedBytes} were allowed\n`,
  );
});

/** Names and sizes of the files; one that goes away meanwhile has none. */
const sizesIn = async (folder: string) =>
  Promise.all(
    (await readdir(folder)).map(async (name) => {
      const found = await stat(join(folder, name)).catch(() => undefined);
      return [name, found?.size ?? 0] as const;
    }),
  );
