import { spawn } from 'node:child_process';
import { hostMark } from './processes.ts';

/**
 * Sees to it that no instance outlives its host, however that one ends: the host holds the other end of its standard input,
 * so a SIGKILL of the host ends the reading too. Then everything with the host's mark in its environment is killed, until
 * two looks with a pause between them find nothing: the first may have missed one that was just being started.
 * It is a shell, because a second Node would cost more memory than an instance.
 */
const script = `
trap '' INT TERM HUP
cat > /dev/null
clean=0 looks=0
while [ "$clean" -lt 2 ] && [ "$looks" -lt 100 ]; do
  found=$(grep -lzxF -e "$1" /proc/[0-9]*/environ 2> /dev/null)
  if [ -z "$found" ]; then
    clean=$((clean + 1))
    [ "$clean" -lt 2 ] && sleep 0.05
  else
    clean=0
    for path in $found; do
      pid=\${path#/proc/}
      kill -9 "\${pid%/environ}" 2> /dev/null
    done
  fi
  looks=$((looks + 1))
done
`;

/** Watches over a host. */
export type Keeper = {
  /** Resolves when nothing of the host runs any more. */
  readonly sweep: () => Promise<void>;
};

/** Starts the keeper of the host with this mark, in a session of its own, so that no signal for the host reaches it. */
export const startKeeper = (mark: string): Keeper => {
  const child = spawn('/bin/sh', ['-c', script, 'papilio-keeper', `${hostMark}=${mark}`], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  child.stdin.on('error', () => undefined);
  child.unref();
  return {
    sweep: () => {
      child.ref();
      child.stdin.end();
      return ended;
    },
  };
};
