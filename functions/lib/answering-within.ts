const connectWithinMs = 2_000;

/** How the AWS SDK's own handler ends a try that is not answered in time; by itself it only warns, and waits on. */
export const answeringWithin = (answerWithinMs: number) => ({
  requestTimeout: answerWithinMs,
  connectionTimeout: Math.min(connectWithinMs, answerWithinMs),
  throwOnRequestTimeout: true,
});

/** An emulator on a busy machine takes its time. */
export const emulatorAnswersWithinMs = 15_000;
