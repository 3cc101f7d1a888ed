/** How often a job is tried, by the reason for which its attempt ended; a reason that is not here is not tried again. */
export const attemptsMax: Readonly<Record<string, number>> = {
  /** Nobody's fault that one knows of, and the next try costs a slot only. */
  'payload-lost': 20,
  'facility-unavailable': 20,
  /** Once more, in case it was the machine. */
  'payload-failed': 2,
  'payload-killed': 2,
};

/** Exit code of a payload whose input is corrupt (EX_DATAERR): a further try reads the same bytes. */
export const exitCorruptInput = 65;
