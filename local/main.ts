import { resolve } from 'node:path';
import { environment, readConfig } from '#lib/config';
import { PapilioError } from '#lib/errors';
import type { Summary } from '#schema/status';
import type { Broker } from '../clients/bridge/brokers.ts';
import { startView, type View } from '../clients/cli/view.ts';
import { readKeys } from './engine/signing/keys.ts';
import { checkBind, noticeOf } from './front/bind.ts';
import { checkIssuers } from './front/issuers.ts';
import { stackPath } from './stack/stack-file.ts';
import { takeStack } from './stack/stack-folder.ts';
import { inWords } from './supervisor/account.ts';
import { awsPortOf } from './supervisor/aws-options.ts';
import { ProcessDown } from './supervisor/child.ts';
import { type FrontClient, frontOf } from './supervisor/front-client.ts';
import { type House, openHouse } from './supervisor/house.ts';
import { readOptions, type StartOptions } from './supervisor/options.ts';
import { checkBrokers, checkRecording, chooseReplay, type Replay } from './supervisor/replay.ts';
import { replayAccount } from './supervisor/replay-account.ts';

/** `npm start`: brings papilio up on this machine, plays a run through it, and shows what becomes of it. */
let above = (write: () => void): void => write();
/** Says a line; a picture that is on the same terminal makes room for it. */
const say = (line: string): void => {
  above(() => process.stderr.write(`papilio: ${line}\n`));
};

/** How it came to its end: by itself with an account, or told by a signal. */
type Ended = { readonly code: number; readonly text?: string; readonly isTold?: boolean };

/** Resolves at the first signal; the second one waits for nobody. */
const firstSignal = (house: House): Promise<Ended> =>
  new Promise((resolveSignal) => {
    let isStopping = false;
    const onSignal = (code: number) => () => {
      if (isStopping) {
        house.kill();
        process.exit(code);
      }
      isStopping = true;
      resolveSignal({ code, isTold: true });
    };
    process.on('SIGINT', onSignal(130));
    process.on('SIGTERM', onSignal(143));
    process.on('SIGHUP', onSignal(129));
  });

/** What is played and what shows it, each as soon as the processes that it needs are there. */
type Stage = {
  /** Once it is shown. */
  readonly front: Promise<FrontClient>;
  /** What is played; undefined where nothing is. */
  readonly replay: Promise<Replay | undefined>;
};

/** Waits until the replay is over and nothing is in flight, and prints the account. */
const account = async (house: House, stage: Stage, options: StartOptions): Promise<Ended> => {
  const replay = await stage.replay;
  if (replay !== undefined) await house.bridgeDone;
  const front = await stage.front;
  await front.quiet();
  const textOf = (summary: Summary): string => (options.json ? JSON.stringify(summary) : inWords(summary));
  if (replay === undefined) return { text: textOf(await front.summary()), code: 0 };
  const replayed = await replayAccount(front, replay.file);
  return { text: textOf(replayed), code: replayed.isWhole ? 0 : 1 };
};

/** What the processes have to know of where they work, and how that is given back. */
type Ground = {
  readonly environment: Readonly<Record<string, string>>;
  readonly giveBack: () => Promise<void>;
};

const groundOf = async (options: StartOptions): Promise<Ground> => {
  if (options.on !== 'stack') return { environment: {}, giveBack: async () => undefined };
  const { ensureStack } = await import('./supervisor/ensure-stack.ts');
  const stack = await ensureStack({ ...options, environment: environment(), say });
  const names = { PAPILIO_STACK: stackPath(stack.folder), PAPILIO_REGION: stack.region };
  return { environment: names, giveBack: await takeStack(stack.folder) };
};

const start = (options: StartOptions, ground: Ground): Promise<House> => {
  const { port, host } = options;
  const awsPort = awsPortOf(options);
  const folder = resolve(options.data);
  return openHouse({
    folder,
    port,
    host,
    ...(awsPort === undefined ? {} : { awsPort }),
    acceptsCopy: options.acceptCopy,
    environment: { ...environment(), ...ground.environment },
    say,
  });
};

/** Starts the bridge with what is to be played, once the plane is there that keeps its messages. */
const begin = async (
  house: House,
  options: StartOptions,
  { brokers, front }: { readonly brokers: readonly Broker[]; readonly front: Promise<FrontClient> },
): Promise<Replay | undefined> => {
  await house.settled('archive');
  if (options.brokers !== undefined) {
    say(`listens to ${brokers.map(({ name, url }) => `${name} (${url})`).join(', ')}`);
    house.play(['--brokers', options.brokers]);
  }
  const latestRun = async () => {
    await house.ready('work');
    return (await front).latestRun();
  };
  const replay = await chooseReplay(house.folder, options, latestRun);
  if (replay !== undefined) {
    say(`plays ${replay.title}`);
    house.play(replay.words);
    house.bridgeDone.catch((error: unknown) => say(String(error)));
  }
  return replay;
};

/** Shows what happens, once there is a front to ask. */
const show = (house: House, front: FrontClient, options: StartOptions): View => {
  say(`instance ${house.instance}, API ${front.baseUrl}/v1`);
  say(noticeOf(options.host, house.folder, readConfig(environment())));
  const out = options.json ? process.stderr : process.stdout;
  const { baseUrl, token, fetch } = front;
  const view = startView({ baseUrl, token, fetch, out, isTty: out.isTTY === true });
  above = view.above;
  return view;
};

/** Plays what is to be played; returns the text and exit code of the end, or the code of the signal that came before it. */
const play = async (house: House, options: StartOptions, brokers: readonly Broker[]): Promise<Ended> => {
  const signalled = firstSignal(house);
  // No process may go on acknowledging what it writes to a folder that is not there.
  const folderLost = house.folderLost.catch((error: unknown) => {
    house.kill();
    throw error;
  });
  const front = house.ready('front').then(() => frontOf(house.folder));
  let view: View | undefined;
  const shown = Promise.all([front, house.settled('archive'), house.settled('work')]).then(([client]) => {
    view = show(house, client, options);
    return client;
  });
  shown.catch((error: unknown) => say(String(error)));
  const replay = begin(house, options, { brokers, front });
  replay.catch((error: unknown) => say(`nothing is played: ${String(error)}`));
  try {
    return await Promise.race([
      signalled,
      folderLost,
      ...(options.exit ? [account(house, { front: shown, replay }, options), house.hopeless] : []),
    ]);
  } finally {
    await view?.stop();
    above = (write) => write();
  }
};

/** Starts a house, plays what is to be played, and stops it. */
const live = async (options: StartOptions, brokers: readonly Broker[], ground: Ground): Promise<number> => {
  const house = await start(options, ground);
  try {
    const { text, code, isTold = false } = await play(house, options, brokers);
    if (text !== undefined) process.stdout.write(`${text}\n`);
    // Who serves until told to stop has done well when told; who was to play to the end has not.
    return isTold && !options.exit ? 0 : code;
  } finally {
    await house.stop();
  }
};

const run = async (options: StartOptions): Promise<number> => {
  checkBind(options.host, readConfig(environment()));
  await checkIssuers(readConfig(environment()));
  if (options.awsCredentials !== undefined) await readKeys(options.awsCredentials);
  if (options.replay !== undefined) await checkRecording(options.replay);
  const brokers = options.brokers === undefined ? [] : checkBrokers(options.brokers);
  say(`starting in ${resolve(options.data)} …`);
  const ground = await groundOf(options);
  try {
    return await live(options, brokers, ground);
  } finally {
    await ground.giveBack();
  }
};

const complain = (error: unknown): number => {
  if (error instanceof ProcessDown) {
    say(`${error.message}; --exit does not wait for it`);
    return 6;
  }
  if (error instanceof PapilioError) say(`${error.message}\npapilio: try: ${error.todo}`);
  else say(error instanceof Error ? error.message : String(error));
  // What was typed is wrong; nothing was started.
  return error instanceof PapilioError && error.code === 'bind-refused' ? 2 : 1;
};

// A reader that went away (`| head`) is no reason to leave the house standing half stopped.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
const exitCode = await run(readOptions(process.argv.slice(2))).catch(complain);
// Whoever still asks a front that is gone is not waited for; what was printed is.
process.stdout.write('', () => process.exit(exitCode));
