import * as z from 'zod';
import { errorCatalogue } from '#lib/error-rows';
import { PapilioError, problemOf } from '#lib/errors';
import { jsonOf } from '#lib/model/json';

/** What a function's runtime says of a failure. */
const Failure = z.object({ errorType: z.string().default(''), errorMessage: z.string().default('') });

const tooLarge = new Set(['Function.ResponseSizeTooLarge', 'Runtime.ResponseSizeTooLarge']);
const shownChars = 1_000;

/** What a function threw, as the error of the catalogue that it was; what is none is a `bug` that begins with its type. */
export const failureOf = (name: string, text: string): PapilioError => {
  const parsed = Failure.safeParse(jsonOf(text));
  if (!parsed.success) return new PapilioError('bug', `function ${name}: ${text.slice(0, shownChars)}`);
  const { errorType, errorMessage } = parsed.data;
  if (tooLarge.has(errorType)) return new PapilioError('message-too-large', `function ${name}: ${errorMessage}`, text);
  const { code, reason } = problemOf(errorMessage);
  const said = `${errorCatalogue[code].message}: `;
  if (errorMessage.startsWith(`[${code}] ${said}`)) return new PapilioError(code, reason.slice(said.length), text);
  const words = [errorType, errorMessage].filter((word) => word !== '').join(': ');
  return new PapilioError('bug', `function ${name}: ${words.slice(0, shownChars)}`, text);
};

/** A function's result out of its text; nothing is null. @throws bug for what is no JSON */
export const resultOf = (name: string, text: string): unknown => {
  if (text === '') return null;
  const value = jsonOf(text);
  if (value !== undefined) return value;
  throw new PapilioError('bug', `function ${name}: its answer is no JSON: ${text.slice(0, shownChars)}`);
};
