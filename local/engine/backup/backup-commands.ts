import type { Command } from 'commander';
import { nodeDisk } from '#lib/node-disk';
import { systemClock } from '#lib/system-clock';
import type { JournalReport } from '../doctor/journal-report.ts';
import { type Manifest, takeBackup } from './backup.ts';
import { restoreBackup } from './restore.ts';

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const sizeOf = ({ files }: Manifest, { files: read }: JournalReport): string => {
  const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const records = read.reduce((sum, file) => sum + (file.records ?? 0), 0);
  return `${files.length} files, ${(bytes / 1e6).toFixed(1)} MB, ${records} records, all read by their checksums`;
};

/** `engine backup` and `engine restore`. */
export const addBackupCommands = (program: Command): void => {
  program
    .command('backup')
    .description('copies the journal of a folder, also while an engine serves from it')
    .requiredOption('--data <folder>', 'folder of the journal')
    .requiredOption('--to <folder>', 'a new or empty folder for the copy')
    .action(async ({ data, to }: { readonly data: string; readonly to: string }) => {
      const { manifest, report } = await takeBackup({ disk: nodeDisk, folder: data, to, clock: systemClock });
      say(`backed up ${data} to ${to}: ${sizeOf(manifest, report)}`);
      say(`every call that was answered before ${manifest.takenAt} is in it`);
    });
  program
    .command('restore')
    .description('brings a backup back into an empty folder')
    .requiredOption('--from <folder>', 'the folder of a backup')
    .requiredOption('--data <folder>', 'a new or empty folder for the journal')
    .action(async ({ from, data }: { readonly from: string; readonly data: string }) => {
      const { manifest, report } = await restoreBackup({ disk: nodeDisk, from, folder: data });
      say(`restored ${data} from ${from}: ${sizeOf(manifest, report)}`);
      say(`it stands at ${manifest.takenAt}: what was answered later is not in it`);
    });
};
