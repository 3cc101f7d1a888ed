import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Clock } from '#ports/clock';
import { connectionsOf, readConnections } from '../engine/http/connections.ts';
import { httpInvoke } from '../engine/http/http-invoke.ts';
import { createReach } from '../engine/http/reach.ts';
import type { AskingEngine, LocalServices } from '../engine/integrations/integrations.ts';
import type { Call } from '../engine/protocol.ts';
import { localEventBridge, localSns } from './calls.ts';
import { connectionUses, readEvents } from './config.ts';
import { type Courier, startCourier } from './courier.ts';

/** What an operator says of calls over the web, and of topics and buses. */
export type LocalOptions = {
  readonly allowPrivateHttp?: readonly string[];
  readonly connections?: string | undefined;
  readonly events?: string | undefined;
};

const listOf = (text: string): readonly string[] => text.split(',').map((entry) => entry.trim());

const readList = (text: string): readonly string[] => {
  const entries = listOf(text);
  try {
    createReach(entries);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
  return entries;
};

/** What a plane's environment says of them. */
export const localOptionsOf = (config: {
  readonly PAPILIO_ALLOW_PRIVATE_HTTP?: string | undefined;
  readonly PAPILIO_CONNECTIONS?: string | undefined;
  readonly PAPILIO_EVENTS?: string | undefined;
}): LocalOptions => ({
  allowPrivateHttp: listOf(config.PAPILIO_ALLOW_PRIVATE_HTTP ?? '').filter((entry) => entry !== ''),
  connections: config.PAPILIO_CONNECTIONS,
  events: config.PAPILIO_EVENTS,
});

/** Adds the options of HTTP tasks, topics and event buses to a command. */
export const addLocalOptions = (command: Command): void => {
  const list =
    'hosts, addresses or networks with commas between, that HTTP tasks and webhooks may reach though private';
  command
    .addOption(new Option('--allow-private-http <list>', list).env('PAPILIO_ALLOW_PRIVATE_HTTP').argParser(readList))
    .addOption(new Option('--connections <file>', 'JSON of EventBridge connections by name').env('PAPILIO_CONNECTIONS'))
    .addOption(new Option('--events <file>', 'TOML or JSON of SNS topics and event buses').env('PAPILIO_EVENTS'));
};

/** Services that need no cloud, and what carries what they have to tell. */
export type OpenLocalServices = {
  readonly services: LocalServices;
  /** Starts to deliver when the engine is open; nothing without topics or buses. */
  readonly start: (engine: { readonly call: Call; readonly account: string }) => Courier | undefined;
};

/** Reads the files of the options. @throws if one is not understood, saying where */
export const openLocalServices = async (
  { allowPrivateHttp, connections: file, events: path }: LocalOptions,
  clock: Clock,
  onLost: (what: string) => void,
): Promise<OpenLocalServices> => {
  const reach = createReach(allowPrivateHttp);
  const events = path === undefined ? undefined : await readEvents(path);
  const connections = file === undefined ? connectionsOf({}) : await readConnections(file, connectionUses(events));
  return {
    services: ({ call, account, region }: AskingEngine) => {
      const deps = { call, account, region, clock, onLost };
      const told = events && { sns: localSns(events, deps), eventbridge: localEventBridge(events, deps) };
      return { http: httpInvoke({ reach, connections, clock, region }), ...told };
    },
    start: ({ call, account }) => events && startCourier({ call, account, clock, reach, connections, onLost }),
  };
};
