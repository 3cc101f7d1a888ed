import * as z from 'zod';
import { readPrivate } from '#lib/private-file';

/** Secrets by the id of their key. */
export type Keys = ReadonlyMap<string, string>;

const minSecretChars = 20;

const Profile = z.object({
  aws_access_key_id: z.string().regex(/^[\w+=,.@-]{3,128}$/, 'must have 3 to 128 letters, digits and _+=,.@-'),
  aws_secret_access_key: z.string().min(minSecretChars, `must have at least ${minSecretChars} characters`),
});

const section = /^\[([^\]]+)\]$/;
const setting = /^([a-z_]+)\s*=(.*)$/;

/** The profiles of AWS's file of credentials. */
const profilesOf = (text: string): Map<string, Record<string, string>> => {
  const profiles = new Map<string, Record<string, string>>();
  let current: Record<string, string> = {};
  for (const line of text.split('\n').map((each) => each.trim())) {
    const [, name] = section.exec(line) ?? [];
    const [, key, value = ''] = setting.exec(line) ?? [];
    if (name !== undefined) {
      current = {};
      profiles.set(name, current);
    } else if (key !== undefined) current[key] = value.trim();
  }
  return profiles;
};

/** Reads keys from a file as AWS's programs have it. @throws if it cannot be trusted or understood; no secret is shown */
export const readKeys = async (path: string): Promise<Keys> => {
  const keys = new Map<string, string>();
  for (const [name, profile] of profilesOf(await readPrivate(path))) {
    const parsed = Profile.safeParse(profile);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const problem = issue?.code === 'invalid_type' ? 'is missing' : issue?.message;
      throw new Error(`${path}: [${name}]: ${issue?.path.join('.')} ${problem}`);
    }
    keys.set(parsed.data.aws_access_key_id, parsed.data.aws_secret_access_key);
  }
  if (keys.size === 0)
    throw new Error(`${path} has no key; write [default], aws_access_key_id and aws_secret_access_key`);
  return keys;
};
