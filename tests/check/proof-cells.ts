const SHOWN = 3;
const SHOWN_CHARS = 60;

const cell = (text: string): string => text.replaceAll('\n', ' ').replaceAll('|', '\\|').replaceAll('<', '&lt;');

const cut = (text: string): string => (text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS - 1)}…` : text);

/** A cell of a table with the first names of many; a value that was tried is shown as code. */
export const some = (tried: readonly string[], isCode: boolean): string => {
  const names = [...new Set(tried)].map((name) => (name === 'undefined' || name === '' ? 'nothing' : name));
  const shown = names.slice(0, SHOWN).map((name) => (isCode ? `\`${cut(name).replaceAll('`', "'")}\`` : cut(name)));
  const more = names.length - shown.length;
  return cell(`${shown.join(isCode ? ' ' : '; ')}${more > 0 ? ` and ${more} more` : ''}`);
};
