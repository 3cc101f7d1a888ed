import { mkdir } from 'node:fs/promises';
import type { Command } from 'commander';
import * as z from 'zod';
import type { Output } from '#schema/output';
import type { StfView } from '#schema/view';
import type { Client } from '../http/client.ts';
import * as api from '../http/generated/operations.ts';
import type { Context } from './context.ts';
import { UsageError } from './failure.ts';
import { fetchFile, localPath, type NamedRemote, printFile } from './fetch-file.ts';
import type { Io } from './io.ts';
import { mergeSentence } from './merge-words.ts';
import { size } from './words.ts';

export const GetOptions = z.object({ to: z.string().min(1).optional(), force: z.boolean().default(false) });
type GetOptions = z.output<typeof GetOptions>;

/** Options of a command that downloads one file. */
export const getOptions = (command: Command): Command =>
  command
    .option('--to <file>', 'file or folder to write (default: the file’s own name, here); - is the standard output')
    .option('--force', 'replace a file that exists');

/** An output as a file to fetch. */
export const outputRemote = (client: Client, { id, name, sizeBytes, checksumCrc32c, merge }: Output): NamedRemote => ({
  ...{ name, fileName: name, sizeBytes, checksumCrc32c },
  ...(merge?.isPartial && { warning: `${name} merges ${mergeSentence(merge)}` }),
  open: (headers) => client.open(api.getOutputBytes, { path: { output: id } }, { headers }),
});

/** The archived file of an STF. @throws UsageError if it is not archived */
export const stfRemote = (client: Client, { id, name, replica }: StfView): NamedRemote => {
  if (replica === undefined) throw new UsageError(`${name} is not archived`, `papilio why ${name}`);
  const { sizeBytes, checksumCrc32c } = replica;
  return {
    ...{ name, fileName: name, sizeBytes, checksumCrc32c },
    open: (headers) => client.open(api.getStfBytes, { path: { stf: id } }, { headers }),
  };
};

type Got = {
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly checksumCrc32c: string;
};

const warn = ({ err }: Io, { warning }: NamedRemote): void => {
  if (warning !== undefined) err.write(`warning: ${warning}\n`);
};

/** Fetches one file, to a path or to the standard output. */
export const getOne = async ({ io, one }: Context, remote: NamedRemote, { to, force }: GetOptions): Promise<void> => {
  const { name, sizeBytes, checksumCrc32c } = remote;
  if (to === '-') {
    if (io.out.isTTY) throw new UsageError(`${name} is ${sizeBytes} bytes that a terminal cannot show`, '--to FILE');
    warn(io, remote);
    return printFile(remote, io);
  }
  const { path, isNew } = await fetchFile(remote, await localPath(to, remote), { isForced: force, io });
  warn(io, remote);
  io.err.write(isNew ? `${name}: ${size(sizeBytes)} written to ${path}\n` : `${path} is ${name} already\n`);
  one<Got>({ name, path, sizeBytes, checksumCrc32c }, { name: path, lines: () => [] });
};

/** Fetches files into a folder, one after the other; those that are there already are left as they are. */
export const getAll = async (
  { io, all }: Context,
  remotes: AsyncIterable<NamedRemote>,
  { folder, force }: { readonly folder: string; readonly force: boolean },
): Promise<void> => {
  await mkdir(folder, { recursive: true });
  const got: Got[] = [];
  let newCount = 0;
  for await (const remote of remotes) {
    const { name, sizeBytes, checksumCrc32c } = remote;
    const { path, isNew } = await fetchFile(remote, await localPath(folder, remote), { isForced: force, io });
    warn(io, remote);
    got.push({ name, path, sizeBytes, checksumCrc32c });
    if (isNew) newCount += 1;
  }
  all(got, { name: ({ path }) => path, lines: () => [] });
  const sum = got.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0);
  io.err.write(`${got.length} files, ${size(sum)}, are in ${folder}; ${newCount} of them new\n`);
};
