import { stat } from 'node:fs/promises';
import type { Log } from '#lib/log';
import type { Clock } from '#ports/clock';
import type { RolesFile } from '#schema/role-rule';
import { policy } from './policy.ts';
import { readRoles, type TrustConfig } from './trust.ts';

/** The roles file as it is now. */
export type Roles = () => Promise<RolesFile>;

type Given = { readonly config: TrustConfig; readonly clock: Clock; readonly log: Log };

/** Changes with every change of the file, and with every other file in its place. */
const stampOf = async (path: string): Promise<string> => {
  const { ino, size, mtimeMs } = await stat(path);
  return `${ino} ${size} ${mtimeMs}`;
};

/**
 * Opens the roles file: it is looked at again once a second at most, when somebody asks, and read if it has changed. What
 * is wrong then changes nothing and is told to the log, so that a slip of the pen locks out nobody.
 * @throws roles-file-invalid for what is wrong at the start
 */
export const openRoles = async ({ config, clock, log }: Given): Promise<Roles> => {
  let held = await readRoles(config);
  const path = config.PAPILIO_ROLES_FILE;
  if (path === undefined) return async () => held;
  let stamp = await stampOf(path);
  let lookedAtMs = clock.nowMs();
  let looking = Promise.resolve();

  const look = async (): Promise<void> => {
    const found = await stampOf(path).catch(() => 'away');
    if (found === stamp) return;
    stamp = found;
    try {
      held = await readRoles(config);
      log.info({ rules: held.rules.length, refused: held.refused.length }, 'roles file read again');
    } catch (error) {
      log.error({ reason: String(error) }, 'roles file is wrong; what it said before holds');
    }
  };

  return async () => {
    if (clock.nowMs() - lookedAtMs >= policy.rolesLookMs) {
      lookedAtMs = clock.nowMs();
      looking = look();
    }
    await looking;
    return held;
  };
};
