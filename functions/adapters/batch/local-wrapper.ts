import { type ChildProcess, spawn } from 'node:child_process';
import { rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { asPapilioError } from '#lib/errors';
import { systemCodeOf } from './local-disk.ts';
import { folderVariable } from './local-process.ts';
import type { ExitRecord, JobRecord } from './local-records.ts';

/**
 * What stands between papilio and a payload: `/bin/sh`, because Node's own start alone takes 70 ms.
 *
 * It is a file and not `-c`, with which bash tells of no signal. It takes the generation, the largest file in blocks of 512 bytes, and the command. One wrapper a generation claims the
 * attempt: `pid-N`, then `started-N`, both created exclusively; who finds one of them taken ends without a trace. Only
 * builtins run before the payload. The payload is exec'ed from its argument vector, so no shell reads it, and builtins
 * and options do not shadow it.
 *
 * A shell gives 128 + n both for a death by signal n and for `exit(128 + n)`. It also says which, on its own stderr
 * ("Killed"), and so that stream goes to `note` and the payload's to `log`: status > 128 with a note is a signal.
 * (Shells are silent for SIGINT and SIGPIPE; so 130 and 141 are read as those, which is what programs mean by them.)
 * The group around the subshell must hold a second command: dash moves the redirection of `{ ( … ); }` into the subshell.
 *
 * SIGTERM ends the payload and not its wrapper, which still records the end; `kill -9 0` then ends whatever the payload
 * left running, and the wrapper with it. Variables are named `papilio_*` lest they change the payload's environment.
 */
const wrapperScript = `
papilio_generation=$1 papilio_blocks=$2
shift 2
{ read -r papilio_stat < /proc/$$/stat || papilio_stat=$(ps -o lstart= -p $$); } 2> /dev/null
{ read -r papilio_boot < /proc/sys/kernel/random/boot_id; } 2> /dev/null
set -C
printf '%s\\n' "$$" "$papilio_stat" "$papilio_boot" 2> /dev/null > "pid-$papilio_generation" || exit 0
printf '' 2> /dev/null > "started-$papilio_generation" || exit 0
set +C
exec >> log 2>&1
trap : TERM HUP INT
{
  ( ulimit -f "$papilio_blocks" 2> /dev/null; exec "$@" 2>&3 3>&- )
  papilio_status=$?
} 3>&2 2> note
trap '' TERM HUP INT
command times > usage
papilio_signalled=false
[ -s note ] && [ "$papilio_status" -gt 128 ] && papilio_signalled=true
printf '{"status":%s,"signalled":%s}\\n' "$papilio_status" "$papilio_signalled" > exit.json.tmp &&
  command -p mv -f exit.json.tmp exit.json
kill -9 0
`;

/** Puts the wrapper beside the attempts, whole at any moment: shells of an earlier papilio may be reading theirs. */
export const installWrapper = async (folder: string): Promise<string> => {
  const path = join(folder, 'wrapper.sh');
  await writeFile(`${path}.tmp`, wrapperScript);
  await rename(`${path}.tmp`, path);
  return path;
};

/** What a wrapper needs: one payload, one generation of its attempt. */
export type WrapperStart = {
  /** A POSIX shell by the name of `sh`: bash counts blocks of 1,024 bytes under its own. */
  readonly shell: string;
  /** The installed wrapper. */
  readonly wrapper: string;
  readonly folder: string;
  readonly generation: number;
  readonly diskMb: number;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
};

const bytesPerBlock = 512;

/** Starts a wrapper in its own session and process group; `undefined` pid and an `error` event if that is not possible. */
export const startWrapper = (start: WrapperStart): ChildProcess => {
  const blocks = Math.ceil((start.diskMb * 1e6) / bytesPerBlock);
  const words = [start.wrapper, String(start.generation), String(blocks), ...start.command];
  const child = spawn(start.shell, words, {
    cwd: start.folder,
    env: start.environment,
    detached: true,
    stdio: 'ignore',
  });
  child.unref();
  return child;
};

/** All that a payload finds in its environment: nothing of papilio's own. */
export const payloadEnvironment = (node: string, folder: string, record: JobRecord): Record<string, string> => ({
  PATH: `${dirname(node)}:/usr/local/bin:/usr/bin:/bin`,
  HOME: folder,
  TMPDIR: join(folder, 'tmp'),
  ...record.payload.environment,
  // Last, because it is by these that a process is known to belong to the attempt.
  PAPILIO_ATTEMPT_ID: record.attemptId,
  [folderVariable]: folder,
});

/** A command that no system would start fails; a system that starts nothing now loses the attempt to another try. */
export const unstartedBecause = (thrown: unknown): ExitRecord => {
  const code = systemCodeOf(thrown);
  const reason = `the payload could not be started: ${code || asPapilioError(thrown).message}`;
  return code.startsWith('ERR_') || code === 'E2BIG' ? { status: 126, reason } : { reason };
};
