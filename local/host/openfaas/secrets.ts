import { mkdir, open, readdir, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { hasCode } from '../../engine/disk.ts';
import { type Read, readJson } from './json-body.ts';
import type { Places } from './places.ts';
import { type Question, type Reply, say, tellJson } from './web.ts';

/** Secrets for functions: files that only their owner reads, each named after its secret. */
export type Secrets = {
  /** Where functions find them, by the variable `secret_mount_path`. */
  readonly folder: string;
  readonly names: () => Promise<readonly string[]>;
  readonly list: () => Promise<Reply>;
  readonly create: (question: Question) => Promise<Reply>;
  readonly update: (question: Question) => Promise<Reply>;
  readonly remove: (question: Question) => Promise<Reply>;
};

const Name = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'is no name of a secret');
const namespace = z.string().nullish();
const Secret = z.object({ name: Name, namespace, value: z.string().optional(), rawValue: z.base64().optional() });
const SecretName = z.object({ name: Name, namespace });

/** Opens the secrets in a folder. */
export const openSecrets = async (folder: string, places: Places): Promise<Secrets> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const names = async (): Promise<string[]> =>
    (await readdir(folder)).filter((name) => Name.safeParse(name).success).sort();

  const write = async (path: string, bytes: Buffer): Promise<void> => {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  };

  const read = <T extends { readonly namespace?: string | null | undefined }>(
    schema: z.ZodType<T>,
    { body }: Question,
  ): Read<T> => {
    const found = readJson(schema, body);
    if (!found.ok || places.isOurs(found.data.namespace)) return found;
    return { ok: false, reason: `namespace ${found.data.namespace} is not here` };
  };

  const bytesOf = ({ value, rawValue }: z.output<typeof Secret>): Buffer =>
    value === undefined ? Buffer.from(rawValue ?? '', 'base64') : Buffer.from(value);

  return {
    folder,
    names,
    list: async () =>
      tellJson(
        200,
        (await names()).map((name) => ({ name, namespace: places.namespace })),
      ),
    create: async (question) => {
      const secret = read(Secret, question);
      if (!secret.ok) return say(400, secret.reason);
      const { name } = secret.data;
      try {
        await write(join(folder, name), bytesOf(secret.data));
        return say(201, `secret ${name} is made`);
      } catch (thrown) {
        if (hasCode(thrown, 'EEXIST')) return say(409, `secret ${name} is here already: update it with PUT`);
        throw thrown;
      }
    },
    update: async (question) => {
      const secret = read(Secret, question);
      if (!secret.ok) return say(400, secret.reason);
      const { name } = secret.data;
      if (!(await names()).includes(name)) return say(404, `secret ${name} is not here`);
      // Who reads meanwhile reads one or the other, whole.
      const beside = join(folder, `.${name}.${process.hrtime.bigint()}`);
      await write(beside, bytesOf(secret.data));
      await rename(beside, join(folder, name));
      return say(200, `secret ${name} is changed`);
    },
    remove: async (question) => {
      const secret = read(SecretName, question);
      if (!secret.ok) return say(400, secret.reason);
      const { name } = secret.data;
      try {
        await unlink(join(folder, name));
        return { status: 204 };
      } catch (thrown) {
        if (hasCode(thrown, 'ENOENT')) return say(404, `secret ${name} is not here`);
        throw thrown;
      }
    },
  };
};
