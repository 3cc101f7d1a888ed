import { existsSync, readFileSync } from 'node:fs';
import * as z from 'zod';
import type { Event } from '#schema/event';
import { Job } from '#schema/job';
import { Output } from '#schema/output';
import { Replica, Stf } from '#schema/stf';
import { truthOf } from '../../../local/sim/daq/generator.ts';
import { HitsFile } from '../../../local/sim/payload/hits-file.ts';
import { objectPath } from '../../builders/object-path.ts';
import { recordsOf } from '../records.ts';

const TallyLine = z.object({ attempt: z.string(), event: z.enum(['started', 'finished']) });

/** All that a data folder says at the end, read from its files and not through papilio. */
export type Account = {
  readonly stfs: readonly Stf[];
  readonly replicas: readonly Replica[];
  readonly jobs: readonly Job[];
  readonly outputs: readonly Output[];
  readonly leftOver: readonly string[];
  readonly events: readonly Event[];
  /** What payloads wrote outside papilio: how often each attempt really started and finished. */
  readonly started: ReadonlyMap<string, number>;
  readonly finished: ReadonlyMap<string, number>;
};

/** Counts lines of the tally file by attempt. */
const tallyOf = (path: string, event: 'started' | 'finished'): Map<string, number> => {
  const counts = new Map<string, number>();
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
  for (const line of lines.map((text) => TallyLine.parse(JSON.parse(text)))) {
    if (line.event === event) counts.set(line.attempt, (counts.get(line.attempt) ?? 0) + 1);
  }
  return counts;
};

export const accountOf = (folder: string, tally: string): Account => {
  const archive = recordsOf(folder, 'archive');
  const work = recordsOf(folder, 'work');
  return {
    stfs: work.of('stf', Stf),
    replicas: archive.of('replica', Replica),
    jobs: work.of('job', Job),
    outputs: work.of('output', Output),
    leftOver: work.nouns.filter((noun) => ['outbox', 'bundle', 'placement'].includes(noun)),
    events: [...archive.events, ...work.events],
    started: tallyOf(tally, 'started'),
    finished: tallyOf(tally, 'finished'),
  };
};

/** The histograms of each STF's output beside the generator's truth for the same seed. */
export const spectraOf = (folder: string, account: Account, spec: { seed: number; sizeBytes: number }) =>
  account.outputs
    .filter((output) => output.stfId !== undefined)
    .map((output) => {
      const path = objectPath(folder, 'work', output.objectKey);
      const found = HitsFile.parse(JSON.parse(readFileSync(path, 'utf8')));
      const truth = truthOf({ run: found.run, sequence: found.sequence, state: 'run', substate: 'physics', ...spec });
      return { name: output.name, found, truth };
    });
