import { existsSync } from 'node:fs';
import { ApiError } from '../http/api-error.ts';
import type { Fetch } from '../http/socket-fetch.ts';
import { findOwn, findUrl, frontOf } from './address.ts';
import { UsageError } from './failure.ts';
import type { GlobalOptions } from './global-options.ts';
import { type NamedProfile, openProfiles, type ProfileBook } from './profiles.ts';
import { tokenOf } from './session.ts';

/** Address of an instance, the token for it, and the way to it if that is not its address. */
export type Target = {
  readonly url: string;
  readonly token: string | (() => Promise<string | undefined>) | undefined;
  readonly profile: NamedProfile | undefined;
  readonly fetch?: Fetch;
};

const originOf = (url: string): string => new URL(url).origin;

/** A token is shown to nobody but the papilio that its profile names. */
const ofProfile = (book: ProfileBook, profile: NamedProfile, url = profile.url): Target => {
  if (originOf(url) !== originOf(profile.url))
    throw new UsageError(`profile ${profile.name} is of ${profile.url}, not of ${url}`, 'leave out --url or --profile');
  return { url, profile, token: () => tokenOf(book, profile) };
};

const profileAt = (book: ProfileBook, url: string): NamedProfile | undefined => {
  const { current, profiles } = book.all();
  const here = profiles.filter((profile) => originOf(profile.url) === originOf(url));
  return here.find(({ name }) => name === current) ?? here[0];
};

/** @throws ApiError if no front serves the folder: never another instance in its place */
const ofFolder = (data: string): Target => {
  const url = frontOf(data);
  if (url !== undefined) return { url, token: undefined, profile: undefined, ...findOwn({ data }) };
  throw new ApiError({
    ...{ code: 'unreachable', status: 0, title: `no papilio is running in ${data}` },
    detail: existsSync(data) ? 'its front has no process' : 'there is no such folder',
    help: `start it with \`npm start -- --data ${data}\`, or check --data and PAPILIO_DATA`,
  });
};

/**
 * The papilio that is meant: `--profile`, else `--url`, else the folder that `--data` names, else the one whose data folder
 * is here, else the profile in use, else the usual port of this machine. Its token: `--token`, else the data folder's, else
 * that of its profile. @throws ApiError if a named folder has no running front
 */
export const findTarget = (options: GlobalOptions): Target => {
  const book = openProfiles(options);
  const found = targetIn(book, options);
  if (options.token === undefined) return found;
  const { fetch: _, ...target } = found;
  // Whoever gives a token means it for the address.
  return { ...target, token: options.token };
};

const targetIn = (book: ProfileBook, options: GlobalOptions): Target => {
  if (options.profile !== undefined) return ofProfile(book, book.need(options.profile), options.url);
  if (options.url !== undefined) return atUrl(book, options, options.url);
  if (options.isDataNamed) return ofFolder(options.data);
  const { current } = book.all();
  if (current !== undefined && frontOf(options.data) === undefined) return ofProfile(book, book.need(current));
  return atUrl(book, options, findUrl(options));
};

/** An address, with the token of the data folder whose front is there, else of a profile. */
const atUrl = (book: ProfileBook, options: GlobalOptions, url: string): Target => {
  const own = findOwn(options);
  const profile = own === undefined ? profileAt(book, url) : undefined;
  return profile === undefined ? { url, token: undefined, profile, ...own } : ofProfile(book, profile, url);
};
