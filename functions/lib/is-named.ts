/** Whether something thrown is an error of one of these names, as the AWS SDK and Node give them. */
export const isNamed = (thrown: unknown, ...names: readonly string[]): boolean =>
  thrown instanceof Error && names.includes(thrown.name);

/** Whether it says that there is no such queue, in either protocol of SQS. */
export const isNoQueue = (thrown: unknown): boolean =>
  isNamed(thrown, 'QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue');
