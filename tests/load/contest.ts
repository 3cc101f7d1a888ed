import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { engineNodeFlags } from '../../local/engine/node-flags.ts';
import { Answer, type Order } from './contestant.ts';

/** A contestant in a process of its own: its heap and its garbage are nobody else's. */
export type Contestant = {
  readonly name: string;
  readonly round: (order: Order) => Promise<Answer>;
  readonly stop: () => Promise<void>;
  /** Ends it with SIGKILL. */
  readonly kill: () => Promise<void>;
};

const nextMessage = async (name: string, child: ChildProcess): Promise<unknown> => {
  const over = new AbortController();
  const { signal } = over;
  const ended = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`${name} ended with ${code}`);
  });
  try {
    const [message] = await Promise.race([once(child, 'message', { signal }), ended]);
    return message;
  } finally {
    // Whichever of the two did not happen is not waited for any more.
    ended.catch(() => undefined);
    over.abort();
  }
};

/** Starts a contestant, a file of this folder; papilio's with Node as its engine is shipped. */
export const startContestant = async (name: string, file: string, args: readonly string[]): Promise<Contestant> => {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const execArgv = file.endsWith('-papilio.ts') ? [...engineNodeFlags] : [];
  const child = fork(path, args, { stdio: ['ignore', 2, 2, 'ipc'], execArgv });
  await nextMessage(name, child);
  return {
    name,
    round: async (order) => {
      child.send(order);
      return Answer.parse(await nextMessage(name, child));
    },
    stop: async () => {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
    kill: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
};

/** Lets contestants take turns: `warm` rounds that do not count, then `counted` ones; the order changes every round. */
export const interleave = async (
  entries: readonly { readonly contestant: Contestant; readonly order: Order }[],
  { warm, counted }: { readonly warm: number; readonly counted: number },
): Promise<readonly (readonly Answer[])[]> => {
  const answers: Answer[][] = entries.map(() => []);
  for (let round = 0; round < warm + counted; round++) {
    const order = round % 2 === 0 ? [...entries.keys()] : [...entries.keys()].reverse();
    for (const at of order) {
      const entry = entries[at];
      if (entry === undefined) continue;
      const answer = await entry.contestant.round(entry.order);
      if (round >= warm) answers[at]?.push(answer);
    }
  }
  return answers;
};
