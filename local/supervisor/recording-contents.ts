import { contentHash } from '#lib/model/content-hash';
import { readDaqBody } from '#schema/daq-dialects';
import { readRecording } from '../../clients/bridge/recording.ts';

/** Runs that a recording names, and the messages in it that cannot be read and so belong to no run. */
export type RecordingContents = {
  /** Ascending. */
  readonly runs: readonly number[];
  /** Lines that cannot be read, repeats included. */
  readonly unreadLines: number;
  /** Hash of the content of each distinct one: the name of its place in quarantine. */
  readonly unread: readonly string[];
};

/** Reads a recording once, line by line. Cost: O(lines) of time, memory only for runs and unreadable lines. */
export const readContents = async (file: string): Promise<RecordingContents> => {
  const runs = new Set<number>();
  const unread = new Set<string>();
  let unreadLines = 0;
  for await (const { frame } of readRecording(file, 0, 'max')) {
    const reading = readDaqBody(frame.body);
    if ('problem' in reading) {
      unreadLines += 1;
      unread.add(contentHash(frame.body));
    } else if ('run' in reading.fact) runs.add(reading.fact.run);
  }
  return { runs: [...runs].sort((a, b) => a - b), unreadLines, unread: [...unread] };
};
