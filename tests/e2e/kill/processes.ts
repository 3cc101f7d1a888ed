import { readdirSync, readFileSync } from 'node:fs';

/** A process and its parent, as /proc tells. */
type Row = { readonly pid: number; readonly parent: number; readonly group: number };

const rows = (): Row[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const [, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return [{ pid: Number(name), parent: Number(parent), group: Number(group) }];
      } catch {
        return [];
      }
    });

/** All descendants of a process. */
export const descendantsOf = (root: number): Row[] => {
  const all = rows();
  const found: Row[] = [];
  for (let parents = [root]; parents.length > 0; ) {
    const children = all.filter((row) => parents.includes(row.parent));
    found.push(...children);
    parents = children.map((row) => row.pid);
  }
  return found;
};

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // gone already
  }
};

/**
 * Ends a house as a power cut would: supervisor and planes at once; its payloads, which are process groups of their own,
 * only if asked.
 */
export const killHouse = (supervisor: number, withPayloads: boolean): void => {
  const all = descendantsOf(supervisor);
  const own = all.filter((row) => row.parent === supervisor).map((row) => row.pid);
  for (const pid of [supervisor, ...own]) kill(pid);
  if (!withPayloads) return;
  for (const row of all) if (!own.includes(row.pid)) kill(row.pid);
};
