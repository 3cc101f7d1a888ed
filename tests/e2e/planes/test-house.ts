import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { onTestFinished } from 'vitest';
import { PlaneReport } from '#schema/status';
import { accounts } from '../../../functions/catalog.ts';
import { createRequestHandler, noSigning } from '../../../local/engine/request-handler.ts';
import { type House, type HouseOptions, startHouse } from '../../../local/supervisor/house.ts';
import { plainEnvironment } from '../../builders/plain-environment.ts';

const wordPlane = fileURLToPath(new URL('./word-plane.ts', import.meta.url));

/** A new folder that is gone after the test. Its name has a blank: so may a user's. */
export const aFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'papilio planes '));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
};

/** Starts a house with the plane of words, stopped after the test. */
export const aHouse = async (folder: string, options: Partial<HouseOptions> = {}): Promise<House> => {
  const environment = { ...plainEnvironment, PAPILIO_LOG_LEVEL: 'info', ...options.environment };
  const programs = { work: wordPlane };
  const house = await startHouse({
    folder,
    port: 0,
    processes: ['archive', 'work'],
    programs,
    ...options,
    environment,
  });
  onTestFinished(() => house.stop());
  return house;
};

/** Asks a plane how it is; undefined while it is away. */
export const statusOf = (folder: string, plane: 'archive' | 'work'): Promise<PlaneReport | undefined> =>
  new Promise((resolve) => {
    const call = request({ socketPath: join(folder, plane, 'sock'), path: '/status' }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(PlaneReport.parse(JSON.parse(text))));
    });
    call.on('error', () => resolve(undefined));
    call.end();
  });

/** Sends texts to a queue of the work plane. */
export const sendTo = async (queue: string, folder: string, texts: readonly string[]): Promise<void> => {
  const routes = { [accounts.work]: { socketPath: join(folder, 'work', 'sock') } };
  const requestHandler = createRequestHandler({ routes, defaultAccount: accounts.work });
  const client = new SQSClient({ ...noSigning, requestHandler });
  const Entries = texts.map((MessageBody, at) => ({ Id: String(at), MessageBody }));
  await client.send(new SendMessageBatchCommand({ QueueUrl: `http://sqs.papilio/${accounts.work}/${queue}`, Entries }));
  client.destroy();
};

/** Sends words to the work plane's queue. */
export const sendWords = (folder: string, words: readonly string[]): Promise<void> => sendTo('words', folder, words);

/** The words that were handled, each time that they were. */
export const handled = async (folder: string): Promise<string[]> => {
  const text = await readFile(join(folder, 'words.txt'), 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((word) => word !== '')
    .sort();
};
