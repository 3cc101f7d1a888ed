import { readdir, readFile, readlink } from 'node:fs/promises';

/** `127.0.0.1`, `::1`, and `127.0.0.1` in IPv6's clothes, as `/proc/net/tcp` writes them. */
const loopback = /^(0100007F|00000000000000000000000001000000|0000000000000000FFFF00000100007F)$/;
const listens = '0A';

const inodesOf = async (pid: number): Promise<ReadonlySet<string>> => {
  const names = await readdir(`/proc/${pid}/fd`);
  const targets = await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')));
  return new Set(targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []));
};

const linesOf = async (pid: number, table: string): Promise<string[][]> => {
  const text = await readFile(`/proc/${pid}/net/${table}`, 'utf8').catch(() => '');
  return text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/));
};

/** Addresses on which a process listens, as the system has them, each with whether only this machine reaches it. */
export const listening = async (
  pid: number,
): Promise<{ readonly pid: number; readonly address: string; readonly isLoopback: boolean }[]> => {
  const own = await inodesOf(pid);
  const lines = [...(await linesOf(pid, 'tcp')), ...(await linesOf(pid, 'tcp6'))];
  return lines.flatMap((fields) => {
    const [, address = '', , state] = fields;
    if (state !== listens || !own.has(fields[9] ?? '')) return [];
    return [{ pid, address, isLoopback: loopback.test(address.split(':')[0] ?? '') }];
  });
};
