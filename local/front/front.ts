import { readFile, rm } from 'node:fs/promises';
import * as z from 'zod';
import type { Config } from '#lib/config';
import type { Log } from '#lib/log';
import { nodeDisk } from '#lib/node-disk';
import type { Clock } from '#ports/clock';
import { createApp } from '../../functions/api/app.ts';
import { createFeed } from '../../functions/api/feed.ts';
import type { Surroundings } from '../../functions/api/surroundings.ts';
import { startOf } from '../engine/lock.ts';
import { keepingCommands } from '../spool/kept-commands.ts';
import { replaceFile, takeNamePlate } from '../supervisor/name-plate.ts';
import { tokenIn } from './admin-token.ts';
import { checkBind, isLocalOnly, namesOf, ownUrl } from './bind.ts';
import { openCheckpoint } from './checkpoint.ts';
import { readConditions } from './conditions.ts';
import { identityOf } from './issuers.ts';
import { createJobLogs } from './job-logs.ts';
import { hindrance } from './listen.ts';
import { serveOnSocket } from './own-socket.ts';
import { reachPlanes } from './reach.ts';
import { tlsFrontOf } from './tls-front.ts';

/** A front that serves. */
export type Front = { readonly port: number; readonly stop: () => Promise<void> };

export type FrontOptions = {
  readonly config: Config;
  readonly log: Log;
  readonly clock: Clock;
  /** 0 takes a free one. */
  readonly port: number;
  /** The address to listen on. */
  readonly host: string;
};

const Replay = z.object({ isDone: z.boolean() });

/** Whether the bridge has a recording that it has not played to its end. */
const isReplaying = async (): Promise<boolean> => {
  try {
    return !Replay.parse(JSON.parse(await readFile('replay.json', 'utf8'))).isDone;
  } catch {
    return false;
  }
};

const addressFile = 'front.json';
const Address = z.object({ port: z.int().min(1).max(65_535) });

/** The port of a front that fell here: whoever has its address shall find the next one under it. */
const portBefore = async (): Promise<number> => {
  try {
    return Address.parse(JSON.parse(await readFile(addressFile, 'utf8'))).port;
  } catch {
    return 0;
  }
};

type Listening = { listen: (at: { host: string; port: number }) => Promise<string> };

/** Listens on the port that was asked for; where any will do, on the one of the front before, if it is still free. */
const listenOn = async (app: Listening, host: string, port: number): Promise<number> => {
  const addressOf = async (wanted: number) => Number(new URL(await app.listen({ host, port: wanted })).port);
  try {
    if (port !== 0) return await addressOf(port);
    return await addressOf(await portBefore()).catch(() => addressOf(0));
  } catch (error) {
    throw hindrance(error, { host, port });
  }
};

/** Opens the front of the data folder that is the working directory: follows both logs and serves HTTP. @throws bind-refused */
export const openFront = async ({ config, log, clock, port, host }: FrontOptions): Promise<Front> => {
  checkBind(host, config);
  const unlock = await takeNamePlate('front.lock', 'front');
  const { peers, engines, records, archive, outputs, queues, close } = await reachPlanes(config, clock);
  const { PAPILIO_INSTANCE: instance, PAPILIO_WING: wing, PAPILIO_EPOCH: epoch } = config;
  const keeping = await openCheckpoint(nodeDisk, log);
  const feed = createFeed({ clock, log, peers, records, keeping, owner: { instance, wing, epoch } });
  const send: Surroundings['send'] = (plane, queue, command) => queues[plane].send(queue, [command]);
  const app = await createApp({
    config,
    log,
    clock,
    feed,
    peers,
    engines,
    records,
    isReplaying,
    conditions: () => readConditions(clock),
    jobLogs: createJobLogs('work/jobs', clock),
    send: config.PAPILIO_STACK === undefined ? send : keepingCommands(send),
    note: (queue, facts) => queues.work.send(queue, [facts]),
    pending: new Map(),
    isAdmin: tokenIn('admin.token', clock),
    ...(await identityOf({ config, log, clock })),
    ...(await tlsFrontOf({ config, log, clock })),
    isLoopbackOnly: isLocalOnly(host, config),
    ownNames: namesOf(host, config),
    archive,
    outputs,
  });
  let closeSocket = (): Promise<void> => Promise.resolve();
  const stop = async (): Promise<void> => {
    await rm(addressFile, { force: true });
    // The feed first: it answers whoever waits for news, so that closing the application waits for nobody.
    await feed.stop();
    // The socket is closed when its last connection is, which the application ends.
    await Promise.all([closeSocket(), app.close()]);
    await close();
    await unlock();
  };
  try {
    const chosen = await listenOn(app, host, port);
    closeSocket = await serveOnSocket(app.server);
    const self = { pid: process.pid, startedAt: (await startOf(process.pid)) ?? 'running' };
    await replaceFile(addressFile, JSON.stringify({ port: chosen, url: ownUrl(host, chosen), ...self }));
    return { port: chosen, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
