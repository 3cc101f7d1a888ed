import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

/** A mount of `/proc/self/mountinfo`: `36 35 98:0 /root /data rw,noatime … - ext4 /dev/sdb1 rw`. */
type Mount = { readonly at: string; readonly kind: string };

const unescaped = (text: string): string =>
  text.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

const mountIn = (line: string): Mount[] => {
  const [before = '', after = ''] = line.split(' - ');
  const at = before.split(' ')[4];
  const [kind] = after.split(' ');
  return at === undefined || !kind ? [] : [{ at: unescaped(at), kind }];
};

const holds = ({ at }: Mount, path: string): boolean => at === '/' || path === at || path.startsWith(`${at}/`);

/** The file system that a path lies on, as `/data (ext4)`: of the mounts above it the lowest, of equal ones the last. */
export const fileSystemIn = (mountInfo: string, path: string): string | undefined => {
  const above = mountInfo
    .split('\n')
    .flatMap(mountIn)
    .filter((mount) => holds(mount, path));
  const found = above.reduce<Mount | undefined>(
    (best, mount) => (best !== undefined && best.at.length > mount.at.length ? best : mount),
    undefined,
  );
  return found && `${found.at} (${found.kind})`;
};

/** The file system of a folder; the folder itself where the system lists no mounts. */
export const fileSystemOf = async (folder: string): Promise<string> => {
  const path = resolve(folder);
  try {
    return fileSystemIn(await readFile('/proc/self/mountinfo', 'utf8'), path) ?? path;
  } catch {
    return path;
  }
};
