import { randomUUID } from 'node:crypto';
import { PapilioError } from '#lib/errors';
import type { CallOptions } from '#ports/functions';

/** A label of DNS: what functions and namespaces are called by every back end. */
const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const callIdText = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;

/** @throws input-invalid for a name that could be more than one */
export const checkName = (name: string): string => {
  if (label.test(name)) return name;
  throw new PapilioError('input-invalid', `${JSON.stringify(name.slice(0, 80))} is no name of a function`);
};

/** The id that a call goes by. @throws input-invalid for one that is no word */
export const callIdOf = ({ callId = randomUUID() }: CallOptions): string => {
  if (callIdText.test(callId)) return callId;
  throw new PapilioError('input-invalid', `${JSON.stringify(callId.slice(0, 160))} is no id of a call`);
};

/** Where to post what came of a call. @throws input-invalid for what is no address of the web, or holds a password */
export const callbackOf = (address: string): URL => {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isWeb = url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  if (isWeb) return url;
  throw new PapilioError('input-invalid', `the callback ${JSON.stringify(address.slice(0, 200))} is no address`);
};

/** An input as the text that travels. @throws input-invalid for what JSON cannot carry */
export const inputText = (name: string, input: unknown): string => {
  try {
    return JSON.stringify(input) ?? 'null';
  } catch (thrown) {
    throw new PapilioError('input-invalid', `function ${name}: its input is no JSON`, thrown);
  }
};
