import type { Check } from '#schema/check-up';
import { Version } from '#schema/status';
import { ApiError, foreign } from '../../http/api-error.ts';
import type { Client } from '../../http/client.ts';
import * as api from '../../http/generated/operations.ts';
import { UsageError } from '../failure.ts';
import { duration } from '../words.ts';
import { clockCheck } from './clock-check.ts';
import { planeCheck } from './plane-checks.ts';
import { tokenCheck } from './token-check.ts';
import { versionChecks } from './version-checks.ts';

/** A front that is asked, and how long it may take: one that hangs is as good as none. */
type Asking = { readonly client: Client; readonly signal: AbortSignal; readonly patienceMs: number };

const patienceS = 10;

/** Asks once, within the patience. */
const within = async <T>(
  { client, signal, patienceMs }: Asking,
  ask: (until: AbortSignal) => Promise<T>,
): Promise<T> => {
  const late = AbortSignal.timeout(patienceMs);
  try {
    return await ask(AbortSignal.any([signal, late]));
  } catch (thrown) {
    signal.throwIfAborted();
    if (!late.aborted) throw thrown;
    const detail = `${client.baseUrl} takes the connection and gives no answer in ${duration(patienceMs)}`;
    const help = 'see whether it is overloaded or stopped (SIGSTOP), and what its log says last';
    throw new ApiError({ code: 'unreachable', status: 0, title: 'papilio does not answer', detail, help }, thrown);
  }
};

/** What was thrown as a check: in the API's words, or in those of whoever reads the token. */
const failed = (about: Pick<Check, 'check'>, thrown: unknown): Check => {
  const isExplained = thrown instanceof ApiError || thrown instanceof UsageError;
  return {
    ...about,
    level: 'problem',
    what: thrown instanceof Error ? thrown.message : String(thrown),
    todo: isExplained ? thrown.help : 'try again; if it stays so, see the log of the front',
  };
};

/** What cannot be asked because nothing answers. */
const unseen = (checks: readonly Check['check'][]): Check[] =>
  checks.map((check) => ({ check, level: 'unseen', what: 'the front does not answer' }));

type Greeting = {
  readonly version: Version;
  readonly date: string | null;
  readonly sentMs: number;
  readonly tookMs: number;
};

/** Asks for the version, as anybody may, and looks at the clock on the wall meanwhile. */
const greet = async (client: Client, signal: AbortSignal): Promise<Greeting> => {
  const sentMs = Date.now();
  const beganMs = performance.now();
  const response = await client.open(api.getVersion, {}, { signal });
  const text = await response.text();
  const tookMs = performance.now() - beganMs;
  const version = Version.safeParse(jsonOf(text));
  if (!version.success) throw foreign(client.baseUrl, response.status);
  return { version: version.data, date: response.headers.get('date'), sentMs, tookMs };
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Whether the token is taken; a refusal is told in the API's words. */
const checkToken = async (asking: Asking): Promise<Check> => {
  try {
    return tokenCheck(await within(asking, (signal) => asking.client.call(api.getMe, {}, { signal })), Date.now());
  } catch (thrown) {
    asking.signal.throwIfAborted();
    return failed({ check: 'token' }, thrown);
  }
};

/** What the planes say through the front. */
const checkPlanes = async (asking: Asking, version: Version): Promise<Check[]> => {
  try {
    const { planes } = await within(asking, (signal) => asking.client.call(api.getStatus, {}, { signal }));
    return [...versionChecks(version, planes), ...planes.map(planeCheck)];
  } catch (thrown) {
    asking.signal.throwIfAborted();
    return [...versionChecks(version), failed({ check: 'planes' }, thrown)];
  }
};

/** What was seen of a front, and of which build it is. */
export type FrontLook = { readonly checks: readonly Check[]; readonly build?: string };

/** All that can be asked over HTTP: whether the front is there, of which build, at which time, for whom, and its planes. */
export const checkFront = async (
  client: Client,
  signal: AbortSignal,
  patienceMs = patienceS * 1000,
): Promise<FrontLook> => {
  const asking = { client, signal, patienceMs };
  try {
    const { version, date, sentMs, tookMs } = await within(asking, (until) => greet(client, until));
    const what = `${client.baseUrl} answers in ${duration(tookMs)}: ${version.instance} at ${version.wing}`;
    const checks: Check[] = [
      { check: 'reach', level: 'ok', what },
      clockCheck(date, sentMs, tookMs),
      await checkToken(asking),
      ...(await checkPlanes(asking, version)),
    ];
    return { checks, build: version.build };
  } catch (thrown) {
    signal.throwIfAborted();
    return { checks: [failed({ check: 'reach' }, thrown), ...unseen(['clock', 'token', 'planes'])] };
  }
};

/** A house whose front has not written down where it serves. */
export const downFront = (data: string): FrontLook => {
  const what = `the front of ${data} does not serve`;
  const todo = `start it: npm start -- --data ${data}`;
  return { checks: [{ check: 'reach', level: 'problem', what, todo }, ...unseen(['clock', 'token', 'planes'])] };
};
