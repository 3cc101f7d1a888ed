import * as z from 'zod';

/** One character that is no space, in any reading of regular expressions: that of Python differs from ours. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: Python takes some of them for spaces
const something = /[^\s\u001c-\u001f\u0085\ufeff]/;

/** What a person wrote, without the spaces around it; whatever is asked for is not to be left open by spaces only. */
export const written = (maxLength: number) =>
  z.string().trim().min(1).max(maxLength).regex(something, 'says nothing: there is no character but spaces');
