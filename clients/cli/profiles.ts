import { join } from 'node:path';
import * as z from 'zod';
import { configFolder, readConfigFile, removeConfigFile, writeConfigFile } from './config-folder.ts';
import { UsageError } from './failure.ts';

/** How a profile got its token, and gets the next one. */
export const Login = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('device'),
    issuer: z.url(),
    clientId: z.string(),
    scope: z.string(),
    audience: z.string().optional(),
  }),
  z.object({
    kind: z.literal('client'),
    issuer: z.url(),
    clientId: z.string(),
    scope: z.string(),
    audience: z.string().optional(),
    /** A file, so that the secret lies in one place only. */
    secretFile: z.string(),
  }),
  z.object({ kind: z.literal('token') }),
]);
export type Login = z.infer<typeof Login>;

/** A papilio that somebody uses. */
const Profile = z.object({ url: z.url(), login: Login.optional() });
export type Profile = z.infer<typeof Profile>;

const Profiles = z.object({ current: z.string().optional(), profiles: z.record(z.string(), Profile) });

/** What a login gave; only its user reads it. */
const Session = z.object({
  accessToken: z.string(),
  refreshToken: z.string().optional(),
  expiresAt: z.iso.datetime().optional(),
});
export type Session = z.infer<typeof Session>;

const profilesName = 'profiles.json';
const sessionName = (profile: string): string => `session-${profile}.json`;

/** A name that a file can have. @throws UsageError */
export const profileName = (typed: string): string => {
  if (/^[A-Za-z0-9][A-Za-z0-9-]{0,39}$/.test(typed)) return typed;
  throw new UsageError(`${typed} is no name for a profile`, 'letters, digits and dashes, as in --profile jlab');
};

/** A profile with its name. */
export type NamedProfile = Profile & { readonly name: string };

/** The profiles of a user, and their sessions. */
export type ProfileBook = {
  readonly all: () => { readonly current: string | undefined; readonly profiles: readonly NamedProfile[] };
  readonly find: (name: string) => NamedProfile | undefined;
  /** @throws UsageError */
  readonly need: (name: string) => NamedProfile;
  readonly save: (name: string, profile: Profile) => void;
  /** The one that is meant where none is named. @throws UsageError */
  readonly use: (name: string) => void;
  readonly session: (name: string) => Session | undefined;
  readonly keep: (name: string, session: Session) => void;
  /** Forgets the session, not the profile. */
  readonly forget: (name: string) => void;
};

/** Opens the profiles in the configuration folder. */
export const openProfiles = (place: Parameters<typeof configFolder>[0]): ProfileBook => {
  const folder = configFolder(place);
  const read = () => readConfigFile(join(folder, profilesName), Profiles) ?? { profiles: {} };
  const find = (name: string): NamedProfile | undefined => {
    const { profiles } = read();
    return Object.hasOwn(profiles, name) && profiles[name] ? { name, ...profiles[name] } : undefined;
  };
  const need = (name: string): NamedProfile => {
    const found = find(name);
    if (found !== undefined) return found;
    const known = Object.keys(read().profiles);
    const others = known.length === 0 ? 'papilio login --url URL' : `--profile ${known.join(' or ')}`;
    throw new UsageError(`there is no profile ${name}`, others);
  };
  return {
    all: () => {
      const { current, profiles } = read();
      return { current, profiles: Object.entries(profiles).map(([name, profile]) => ({ name, ...profile })) };
    },
    find,
    need,
    save: (name, profile) => {
      const { current = name, profiles } = read();
      writeConfigFile(folder, profilesName, { current, profiles: { ...profiles, [profileName(name)]: profile } });
    },
    use: (name) => writeConfigFile(folder, profilesName, { ...read(), current: need(name).name }),
    session: (name) => readConfigFile(join(folder, sessionName(profileName(name))), Session),
    keep: (name, session) => writeConfigFile(folder, sessionName(profileName(name)), session),
    forget: (name) => removeConfigFile(folder, sessionName(profileName(name))),
  };
};
