import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createAnswerer } from './answers.ts';
import { type Functions, serveFunctions } from './functions.ts';
import { serveWeb, type Web } from './web.ts';

const trouble = (): Error => Object.assign(new Error('not yet'), { name: 'Trouble' });

/** The ends of executions as the endpoint sees them. */
const createEnds = () => {
  const waiting = new Map<string, () => void>();
  return {
    note: (id: string) => waiting.get(id)?.(),
    of: (id: string): Promise<void> => new Promise((resolve) => waiting.set(id, resolve)),
  };
};

/** Clients of an engine, whose functions are served before it starts. */
export type Clients = {
  readonly sfn: SFNClient;
  readonly sqs: SQSClient;
  readonly functions: Functions;
  readonly web: Web;
  readonly answerer: ReturnType<typeof createAnswerer>;
  readonly ends: ReturnType<typeof createEnds>;
  readonly random: () => number;
  readonly close: () => void;
};

/** Makes clients of the engine at a port, which need not be there yet. */
export const createClients = async (port: number, random: () => number): Promise<Clients> => {
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  const options = { region: 'us-east-1', endpoint: `http://127.0.0.1:${port}`, credentials, maxAttempts: 1 };
  // StartSyncExecution would go to a host whose name begins with `sync-`.
  const sfn = new SFNClient({ ...options, disableHostPrefix: true });
  const sqs = new SQSClient(options);
  const answerer = createAnswerer(sfn, random);
  const ends = createEnds();
  const table = {
    work: ({ item, fails, nth }: { item: number; fails: number; nth: number }) => {
      if (nth < fails) throw trouble();
      return { doubled: item * 2, tries: nth + 1 };
    },
    ask: ({ id, token, nth }: { id: string; token: string; nth: number }) => {
      answerer.answer(id, token, nth).catch(() => undefined);
      return {};
    },
    silent: () => ({}),
    done: ({ id }: { id: string }) => {
      ends.note(id);
      return {};
    },
  };
  const functions = await serveFunctions(table, () => random() * 100);
  const web = await serveWeb(random);
  const close = () => {
    for (const open of [sfn, sqs]) open.destroy();
    functions.close();
    web.close();
  };
  return { sfn, sqs, functions, web, answerer, ends, random, close };
};
