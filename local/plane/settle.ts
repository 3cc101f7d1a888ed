import type { Log } from '#lib/log';
import type { Batch } from '#ports/batch';
import type { Queues } from '#ports/queues';

const mostPerCall = 10;

/**
 * Tells the queue `settle` of each attempt that ended, as soon as the facility says so. What cannot be sent is left to
 * `poll-bundles`, which finds it by itself.
 */
export const announceEnds = (batch: Batch, queues: Queues, log: Log): void => {
  const ended: string[] = [];
  let isSending = false;
  const flush = async () => {
    if (isSending) return;
    isSending = true;
    while (ended.length > 0) {
      const attemptIds = ended.splice(0, mostPerCall);
      try {
        await queues.send(
          'settle',
          attemptIds.map((attemptId) => ({ attemptId })),
        );
      } catch (error) {
        log.warn({ attemptIds, reason: String(error) }, 'end not announced; the next poll finds it');
      }
    }
    isSending = false;
  };
  batch.watch((status) => {
    if (status.state !== 'ended') return;
    ended.push(status.attemptId);
    void flush();
  });
};
