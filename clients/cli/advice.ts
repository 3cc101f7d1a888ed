import { readHeld } from '#schema/quarantine';

/** A held message, or an STF that was not processed, as far as advice on it goes. */
export type Trouble = {
  readonly code: string;
  /** The held message, where one is. */
  readonly id?: string | undefined;
  /** Bytes of the held message. */
  readonly raw?: string | undefined;
};

/** Codes by which the file itself is wrong: read again it is as wrong as before. */
const damaged: ReadonlySet<string> = new Set(['stf-corrupt', 'stf-name-mismatch', 'stf-content-differs']);
/** Codes by which the file is not here. */
const absent: ReadonlySet<string> = new Set(['stf-file-missing', 'stf-file-lost', 'incoming-unavailable']);

/** Whether a readable message announces a file that is damaged: then neither a replay nor a retry can help. */
export const isFileDamaged = ({ code, raw }: Trouble): boolean =>
  damaged.has(code) && (raw === undefined || 'fact' in readHeld(raw));

const resend = 'have the DAQ send the file and its message again';

/** Steps that can help, each one a line. */
export const adviceOn = (trouble: Trouble): string[] => {
  const { code, id } = trouble;
  const why = "--why '…'";
  if (isFileDamaged(trouble))
    return [
      `${resend}; the file is processed when it is sound`,
      ...(id === undefined ? [] : [`if it is not needed: papilio quarantine discard ${id} ${why}`]),
    ];
  if (absent.has(code))
    return [
      ...(id === undefined ? [] : [`when the file is in the incoming folder: papilio quarantine replay ${id} ${why}`]),
      `else ${resend}`,
    ];
  if (id === undefined) return [`papilio error show ${code}`];
  return [`papilio error show ${code}`, `papilio quarantine mend ${id} --file BODY ${why}, or discard`];
};
