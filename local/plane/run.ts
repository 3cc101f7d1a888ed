import { readConfig } from '#lib/config';
import { createLog, type Log } from '#lib/log';
import { systemClock } from '#lib/system-clock';
import type { Plane } from '../../functions/catalog.ts';
import { readAwsPort } from './aws-port.ts';
import { EndedBy } from './guard.ts';
import { joinParent } from './parent.ts';
import { type OpenPlane, openPlane, type Program } from './plane.ts';

/** What stands behind the file on the command line of a plane: `archive|work [--after loop|crash]`, and what `aws-port.ts` reads. */
const readArguments = (words: readonly string[]) => {
  const after = (flag: string) => (words.includes(flag) ? words[words.indexOf(flag) + 1] : undefined);
  const plane: Plane = words[0] === 'archive' ? 'archive' : 'work';
  const awsPort = readAwsPort(words);
  return {
    plane,
    endedBy: EndedBy.catch('other').parse(after('--after')),
    ...(awsPort !== undefined && { awsPort }),
  };
};

const leaveLoudly = (log: Log, what: string) => (error: unknown) => {
  log.error(
    {
      reason: error instanceof Error ? error.message : String(error),
      stack: error instanceof Error ? error.stack : undefined,
    },
    what,
  );
  process.exitCode = 1;
  // what is in flight stays noted: the next start knows what was under way
  process.exit();
};

/** Runs a plane until its supervisor or a signal ends it. */
export const runPlane = async (program: Program, words: readonly string[]): Promise<void> => {
  const args = readArguments(words);
  const config = readConfig();
  const log = createLog(config.PAPILIO_LOG_LEVEL, { process: args.plane, instance: config.PAPILIO_INSTANCE });
  process.on('uncaughtException', leaveLoudly(log, 'plane fell'));
  let plane: OpenPlane | undefined;
  let isStopping = false;
  const stop = () => {
    if (isStopping) return;
    isStopping = true;
    const stopped = plane?.stop() ?? Promise.resolve();
    stopped.then(() => process.exit(0), leaveLoudly(log, 'plane did not stop well'));
  };
  const parent = joinParent(stop);
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  plane = await openPlane({ ...args, program, config, clock: systemClock, log });
  log.info({ plane: args.plane }, 'plane ready');
  parent.ready();
};
