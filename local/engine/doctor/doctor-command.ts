import { type Command, InvalidArgumentError } from 'commander';
import { nodeDisk } from '#lib/node-disk';
import { systemClock } from '#lib/system-clock';
import { defaultStuckAfterS } from '../pages.ts';
import { examine } from './doctor.ts';
import { folderPatient } from './patients.ts';

type Options = { readonly data: string; readonly account: string; readonly stuckAfter: number };

function readSeconds(value: string): number {
  const seconds = Number(value);
  if (!Number.isFinite(seconds) || seconds < 0) throw new InvalidArgumentError('Seconds are a number.');
  return seconds;
}

/** `engine doctor`. */
export const addDoctorCommand = (program: Command): void => {
  program
    .command('doctor')
    .description('examines a folder, changes nothing, and prints JSON (exit code 1 if there is a problem)')
    .requiredOption('--data <folder>', 'folder of the journal')
    .option('--account <number>', 'account number in ARNs', '111111111111')
    .option('--stuck-after <s>', 'a wait that no timeout ends is stuck when older', readSeconds, defaultStuckAfterS)
    .action(async ({ data, account, stuckAfter }: Options) => {
      const identity = { account, region: 'us-east-1', queueBaseUrl: 'http://127.0.0.1' };
      const patient = await folderPatient({ disk: nodeDisk, folder: data, clock: systemClock, identity });
      try {
        const report = await examine(patient, { endpoints: {}, stuckAfterS: stuckAfter });
        process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
        if (report.findings.some(({ level }) => level === 'problem')) process.exitCode = 1;
      } finally {
        await patient.close();
      }
    });
};
