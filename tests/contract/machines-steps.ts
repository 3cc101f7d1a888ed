import type { TestMachines } from '../builders/a-deps-machine.ts';

/** A place as the broker answers it. */
export const place = (attempt: number) => ({
  jobId: 'j1',
  attemptId: `a${attempt}`,
  attempt,
  facility: 'local',
  queue: 'default',
});

/** A settlement as its token is answered. */
export const settled = (decision: string, attempt = 1) => ({
  jobId: 'j1',
  attemptId: `a${attempt}`,
  attempt,
  decision,
  code: decision === 'register' ? 'ok' : 'payload-failed',
  reason: 'exit code 3',
  avoid: ['local'],
  pauseS: 0,
});

/** Takes a job's machine to the moment at which its attempt settles. */
export const untilSettled = async (plane: TestMachines, attempt = 1): Promise<unknown> => {
  await plane.answer((await plane.sentTo('broker')).token, place(attempt));
  return (await plane.sentTo('facility-local')).token;
};
