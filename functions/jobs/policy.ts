/** How often a job is tried, by the reason for which its attempt ended; a reason that is not here is not tried again. */
export const attemptsMax: Readonly<Record<string, number>> = {
  /** Nobody's fault that one knows of, and the next try costs a slot only. */
  'payload-lost': 20,
  'facility-unavailable': 20,
  /** Once more, in case it was the machine. */
  'payload-failed': 2,
  'payload-killed': 2,
  /** The STF was announced before its file came: looked for a little longer than archiving waits for it by default. */
  'stf-file-missing': 14,
};

/** How long a job rests before its next try, in seconds, by the same reasons; a reason that is not here does not rest. */
export const pausesS: Readonly<Record<string, number>> = { 'stf-file-missing': 5 };

/** Exit code of a payload whose input is corrupt (EX_DATAERR): a further try reads the same bytes. */
export const exitCorruptInput = 65;

/** Exit code of a payload that found no path of an input (EX_NOINPUT). */
export const exitMissingInput = 66;
