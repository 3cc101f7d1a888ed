import { systemClock } from '#lib/system-clock';
import { openLocalBatch } from '../../functions/adapters/batch/local.ts';
import { endsOf } from '../builders/ended-attempts.ts';
import type { Plan } from './facility-under-test.ts';

/** A plan, and the shell to follow it with. */
type LocalPlan = Plan & { readonly shell?: string };

/** Follows a plan with the local facility and ends itself by SIGKILL at the step that the plan names. */
const follow = async ({ folder, slots, submissions, cancel, step, passing, shell }: LocalPlan): Promise<void> => {
  let left = passing;
  const afterStep = (passed: string) => {
    if (passed !== step) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  };
  const batch = await openLocalBatch({
    folder,
    slots,
    clock: systemClock,
    afterStep,
    ...(shell !== undefined && { shell }),
  });
  const ended = endsOf(
    batch,
    submissions.map(({ attemptId }) => attemptId),
  );
  await batch.submit(submissions);
  await batch.cancel(cancel);
  await ended;
  for (const { attemptId } of submissions) await batch.release(attemptId);
  await batch.close();
};

process.once('message', (plan: LocalPlan) => void follow(plan).then(() => process.disconnect()));
