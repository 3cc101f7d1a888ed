/** The fields by which errors name what happened, the most telling first. */
const telling = ['errorMessage', 'Cause', 'cause', 'message', 'reason', 'Error', 'errorType', 'error'] as const;

const objectOf = (text: string): ReadonlyMap<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : undefined;
  } catch {
    return undefined;
  }
};

/**
 * An execution's cause on one line. Causes nest: JSON with a cause that is JSON again; the innermost text is what happened.
 * Text stays as it is.
 */
export const causeWords = (cause: string | undefined): string | undefined => {
  let words = cause;
  for (let depth = 0; words !== undefined && depth < 10; depth++) {
    const fields = objectOf(words);
    if (fields === undefined) break;
    const inner: unknown = telling.map((name) => fields.get(name)).find((value) => value !== undefined && value !== '');
    if (inner === undefined) break;
    words = typeof inner === 'string' ? inner : JSON.stringify(inner);
  }
  return words?.replaceAll(/\s+/g, ' ').trim();
};
