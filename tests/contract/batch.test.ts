import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { systemClock } from '#lib/system-clock';
import { openLocalBatch } from '../../functions/adapters/batch/local.ts';
import { batchSuite } from './batch-suite.ts';

const program = fileURLToPath(new URL('./batch-local-process.ts', import.meta.url));

batchSuite('local', {
  open: (folder, slots) => openLocalBatch({ folder, slots, clock: systemClock }),
  steps: [
    'folder-made',
    'intent-written',
    'intent-synced',
    'spawn-marked',
    'spawned',
    'kill-written',
    'killed',
    'exit-written',
    'ended',
    'bulk-removed',
    'record-written',
    'record-kept',
    'folder-moved',
  ],
  dieAt: async (plan) => {
    const child = fork(program, { execArgv: [] });
    child.send(plan);
    const [, signal] = await once(child, 'exit');
    return signal === 'SIGKILL';
  },
});
