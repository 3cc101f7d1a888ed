/** Switches of the simulation: faults that a payload shows when its job says so, for tests of what stands around it. */
import { open } from 'node:fs/promises';
import { codeOf, EXIT, PayloadError, say } from './job-file.ts';

// Nothing here harms a machine that sets no limit: each ends by itself beyond this.
const GREED_MAX_BYTES = 4_000_000_000;
const STEP_BYTES = 16_000_000;

const FAULTS: Readonly<Record<string, () => Promise<void>>> = {
  /** Ends with exit code 1. */
  fail: async () => {
    throw new PayloadError(1, 'fails as its job says');
  },
  /** Does nothing, for ever, without using time. */
  hang: () =>
    new Promise(() => {
      setInterval(() => {}, 60_000);
    }),
  /** Does nothing, for ever, on a whole core. */
  spin: async () => {
    for (;;);
  },
  /** Dies of a signal. */
  crash: async () => {
    process.kill(process.pid, 'SIGSEGV');
    await new Promise(() => {});
  },
  'fill-disk': fillDisk,
  'eat-memory': eatMemory,
};

/** Shows the fault, if any. @throws PayloadError 64 for one that there is not. */
export async function behave(fault: string | undefined): Promise<void> {
  if (fault === undefined) return;
  const show = FAULTS[fault];
  if (show === undefined) throw new PayloadError(EXIT.badJob, `there is no fault "${fault}"`);
  say(`behaves: ${fault}`);
  await show();
}

async function fillDisk(): Promise<void> {
  const bytes = Buffer.alloc(STEP_BYTES, 1);
  await using file = await open('filler', 'w');
  for (let sizeBytes = 0; sizeBytes < GREED_MAX_BYTES; sizeBytes += STEP_BYTES) {
    await file.writeFile(bytes).catch((error: unknown) => {
      throw new PayloadError(EXIT.cannotWrite, `filler cannot be written: ${codeOf(error) ?? String(error)}`);
    });
  }
  throw new PayloadError(1, `filled ${GREED_MAX_BYTES} bytes of disk and nothing ended it`);
}

async function eatMemory(): Promise<void> {
  const eaten: Buffer[] = [];
  // Each step lets the loop turn, so that a signal is heard.
  for (let sizeBytes = 0; sizeBytes < GREED_MAX_BYTES; sizeBytes += STEP_BYTES) {
    eaten.push(Buffer.alloc(STEP_BYTES, 1));
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new PayloadError(1, `ate ${eaten.length * STEP_BYTES} bytes of memory and nothing ended it`);
}
