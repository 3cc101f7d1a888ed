/** Version of the code that turns records into state; stands in each segment and snapshot. */
export const interpreterVersion = '3';

/** What this engine reads: tests/fixtures/journals holds a journal of each, and docs/developers/journal.md says when one is added. */
export const readableVersions: readonly string[] = ['1', '2', '3'];

/** A file of the journal that another version of the engine wrote; nothing is wrong with it. */
export class JournalOfOtherVersion extends Error {
  readonly file: string;
  constructor(file: string, writtenBy: string) {
    super(
      `${file} was written by ${writtenBy}; this engine has interpreter ${interpreterVersion} and reads ` +
        `${readableVersions.join(', ')}. Start the version that wrote it; nothing was changed.`,
    );
    this.name = 'JournalOfOtherVersion';
    this.file = file;
  }
}

/** What the headers of segments and snapshots have in common. */
export type FileVersion = { readonly version: number; readonly interpreter: string };

/** @throws JournalOfOtherVersion if its records could mean something else than this engine takes them for. */
export function assertReadable(file: string, { version, interpreter }: FileVersion): void {
  if (version !== 1) throw new JournalOfOtherVersion(file, `an engine with format ${version} of journals`);
  if (!readableVersions.includes(interpreter))
    throw new JournalOfOtherVersion(file, `an engine with interpreter ${interpreter}`);
}
