import type { Check } from '#schema/check-up';
import { Version } from '#schema/status';
import { ApiError, foreign } from '../../http/api-error.ts';
import type { Client } from '../../http/client.ts';
import * as api from '../../http/generated/operations.ts';
import { duration } from '../words.ts';
import { clockCheck } from './clock-check.ts';
import { planeCheck } from './plane-checks.ts';
import { tokenCheck } from './token-check.ts';
import { versionChecks } from './version-checks.ts';

/** An error of the API as a check. */
const failed = (about: Pick<Check, 'check'>, thrown: unknown): Check => {
  if (!(thrown instanceof ApiError)) throw thrown;
  return { ...about, level: 'problem', what: thrown.message, todo: thrown.help };
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
const greet = async (client: Client): Promise<Greeting> => {
  const sentMs = Date.now();
  const beganMs = performance.now();
  const response = await client.open(api.getVersion);
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
const checkToken = async (client: Client): Promise<Check> => {
  try {
    return tokenCheck(await client.call(api.getMe), Date.now());
  } catch (thrown) {
    return failed({ check: 'token' }, thrown);
  }
};

/** What the planes say through the front. */
const checkPlanes = async (client: Client, version: Version): Promise<Check[]> => {
  try {
    const { planes } = await client.call(api.getStatus);
    return [...versionChecks(version, planes), ...planes.map(planeCheck)];
  } catch (thrown) {
    return [...versionChecks(version), failed({ check: 'planes' }, thrown)];
  }
};

/** What was seen of a front, and of which build it is. */
export type FrontLook = { readonly checks: readonly Check[]; readonly build?: string };

/** All that can be asked over HTTP: whether the front is there, of which build, at which time, for whom, and its planes. */
export const checkFront = async (client: Client): Promise<FrontLook> => {
  try {
    const { version, date, sentMs, tookMs } = await greet(client);
    const what = `${client.baseUrl} answers in ${duration(tookMs)}: ${version.instance} at ${version.wing}`;
    const checks: Check[] = [
      { check: 'reach', level: 'ok', what },
      clockCheck(date, sentMs, tookMs),
      await checkToken(client),
      ...(await checkPlanes(client, version)),
    ];
    return { checks, build: version.build };
  } catch (thrown) {
    return { checks: [failed({ check: 'reach' }, thrown), ...unseen(['clock', 'token', 'planes'])] };
  }
};

/** A house whose front has not written down where it serves. */
export const downFront = (data: string): FrontLook => {
  const what = `the front of ${data} does not serve`;
  const todo = `start it: npm start -- --data ${data}`;
  return { checks: [{ check: 'reach', level: 'problem', what, todo }, ...unseen(['clock', 'token', 'planes'])] };
};
