import { PapilioError } from '#lib/errors';
import type { App } from '../surroundings.ts';

/**
 * How deep a text's brackets go, without reading it as JSON; what stands in strings does not count. One pass over it.
 * Example: `[{"a":"["}]` goes 2 deep.
 */
export const depthOf = (text: string): number => {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) at = endOfString(text, at);
    else if (code === 0x5b || code === 0x7b) deepest = Math.max(deepest, ++depth);
    else if (code === 0x5d || code === 0x7d) depth--;
  }
  return deepest;
};

/** Where the string ends that begins at `start`. */
const endOfString = (text: string, start: number): number => {
  let end = text.indexOf('"', start + 1);
  while (end > 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end < 0 ? text.length : end;
};

const isEscaped = (text: string, at: number): boolean => {
  let slashes = 0;
  while (text.charCodeAt(at - 1 - slashes) === 0x5c) slashes++;
  return slashes % 2 === 1;
};

/** Reads JSON bodies: none with a key that reaches prototypes, none that is nested deeper than anybody means. */
export const readJson = (app: App, jsonMaxDepth: number): void => {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser(['application/json', 'text/plain']);
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    // What is shorter than its brackets would be is not looked through.
    const depth = body.length < 2 * jsonMaxDepth ? 0 : depthOf(body);
    if (depth > jsonMaxDepth) {
      done(new PapilioError('input-invalid', `body: nested ${depth} deep; at most ${jsonMaxDepth} is taken`));
      return;
    }
    void parse(request, body, done);
  });
};
