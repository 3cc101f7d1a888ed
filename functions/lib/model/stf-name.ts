/** STF file names as the DAQ writes them: `swf.<run>.<sequence in six digits>.stf`; some senders pad the run with zeros. */

/** Run and sequence that an STF's name carries. */
export type StfNumbers = { readonly run: number; readonly sequence: number };

const NAME = /^swf\.([0-9]{1,9})\.([0-9]{6,9})\.stf$/;

/** The name of an STF. */
export function stfName({ run, sequence }: StfNumbers): string {
  return `swf.${run}.${String(sequence).padStart(6, '0')}.stf`;
}

/** Reads an STF's name, with or without zeros before the run; undefined if it is none, so no path gets through. */
export function parseStfName(name: string): StfNumbers | undefined {
  const [, run, sequence] = NAME.exec(name) ?? [];
  if (run === undefined || sequence === undefined) return undefined;
  return { run: Number(run), sequence: Number(sequence) };
}
