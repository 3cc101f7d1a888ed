import type { FunctionName } from '../../../functions/catalog.ts';

/**
 * How large the bundle of each function may be, in kB of 1000 bytes: about a twentieth above what it was when it was last
 * looked at. What is in one: DynamoDB's client with dynamoose (some 600 kB), zod (106), pino (60), papilio (70); the queues' and
 * machines' clients add 50 and 60; objects add 1150, of which MinIO's client is 600 and the compiled CRC-32 is 550.
 */
export const bundleBudgetKb: Readonly<Record<FunctionName, number>> = {
  'accept-message': 1025,
  'archive-stf': 2200,
  'quarantine-message': 1025,
  'settle-message': 1025,
  'accept-daq-message': 1050,
  'settle-daq-message': 1025,
  'keep-periods': 975,
  'catalogue-stf': 2175,
  'index-stfs': 2250,
  'begin-pass': 2175,
  'seek-file': 2250,
  'assign-jobs': 2300,
  'submit-bundle': 2225,
  'poll-bundles': 1025,
  'steer-facility': 1025,
  'settle-jobs': 1075,
  'steer-jobs': 2300,
  'register-outputs': 2250,
  'fail-job': 1075,
  'hold-stf': 975,
  'await-run': 1025,
  'watch-stream': 1025,
  'steer-processing': 1025,
  'record-access': 975,
  'record-usage': 975,
  'steer-tokens': 975,
  'plan-merge': 2225,
  'scrub-archive': 2200,
  'scrub-outputs': 2200,
  'plan-preparation': 975,
  'answer-tokens': 1075,
};
