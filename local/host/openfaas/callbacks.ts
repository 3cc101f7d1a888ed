import { isIP } from 'node:net';
import { PapilioError } from '#lib/errors';
import type { Clock } from '#ports/clock';
import type { Reach } from '../../engine/http/reach.ts';
import { type HttpAnswer, Refused, type Resolve, sendRequest, type Wire } from '../../engine/http/send-request.ts';

/** What is posted. */
export type Callback = { readonly headers: Readonly<Record<string, string>>; readonly body: string };

/** Posts what came of calls to where their callers want it. */
export type Callbacks = {
  /** Where a header X-Callback-Url leads. @throws input-invalid for what papilio will not post to */
  readonly read: (address: string) => URL;
  /** Posts, at most five times, and not again once `isEnding` says so. @throws plane-unavailable, input-invalid */
  readonly post: (url: URL, callback: Callback, isEnding?: () => boolean) => Promise<void>;
};

type Options = {
  readonly clock: Clock;
  /** Public addresses and TLS, and what the operator has opened. */
  readonly reach: Reach;
  readonly random?: () => number;
  readonly resolve?: Resolve;
};

const tries = 5;
const firstPauseMs = 200;
const longestPauseMs = 10_000;
const limits = { timeoutMs: 30_000, limitBytes: 65_536, isTlsOnly: true } as const;
/** Statuses by which the one who is called may be better off later. */
const comeAgain = new Set([408, 425, 429]);

/** Why a callback was not taken and should come again; undefined if it was. @throws input-invalid if it never will be */
const problemOf = ({ status }: HttpAnswer, host: string): string | undefined => {
  if (status >= 200 && status < 300) return undefined;
  if (status >= 500 || comeAgain.has(status)) return `it says ${status}`;
  throw new PapilioError('input-invalid', `callback to ${host}: it says ${status}`);
};

/** What the line met, likewise. */
const problemOfLine = (thrown: unknown): string => {
  if (thrown instanceof PapilioError) throw thrown;
  if (thrown instanceof Refused) throw new PapilioError('input-invalid', `callback: ${thrown.message}`, thrown);
  return thrown instanceof Error ? thrown.message : String(thrown);
};

/** @throws input-invalid for what is no address, or holds a password */
const webAddress = (address: string): URL => {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isWeb = url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  if (isWeb) return url;
  throw new PapilioError('input-invalid', 'X-Callback-Url is no address of the web, or holds a password');
};

/** Makes the one who posts callbacks. */
export const createCallbacks = ({ clock, reach, random = Math.random, resolve }: Options): Callbacks => {
  const wire: Wire = { reach, clock, ...limits, ...(resolve && { resolve }) };

  const postOnce = async (url: URL, { headers, body }: Callback): Promise<string | undefined> => {
    const lists = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
    try {
      return problemOf(await sendRequest({ url, method: 'POST', headers: lists, body }, wire), url.host);
    } catch (thrown) {
      return problemOfLine(thrown);
    }
  };

  const pause = (made: number): Promise<void> =>
    new Promise((wake) => {
      clock.at(clock.nowMs() + random() * Math.min(longestPauseMs, firstPauseMs * 2 ** made), wake);
    });

  return {
    read: (address) => {
      const url = webAddress(address);
      const host = url.hostname.replace(/^\[|\]$/g, '');
      const refusal = isIP(host) === 0 ? undefined : reach.refusal(host, host);
      if (refusal !== undefined) throw new PapilioError('input-invalid', `X-Callback-Url: ${refusal}`);
      return url;
    },
    post: async (url, callback, isEnding = () => false) => {
      for (let made = 0; ; made++) {
        const problem = await postOnce(url, callback);
        if (problem === undefined) return;
        if (made + 1 === tries || isEnding())
          throw new PapilioError('plane-unavailable', `callback to ${url.host}: ${problem}, after ${made + 1} tries`);
        await pause(made);
      }
    },
  };
};
