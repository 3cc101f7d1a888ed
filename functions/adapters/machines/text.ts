import { PapilioError } from '#lib/errors';

/** What Step Functions takes as input or output. */
const dataBytes = 262_144;
const errorChars = 256;
const causeChars = 32_768;

/** A value as the input or output of a state. @throws message-too-large, input-invalid */
export const dataText = (what: string, value: object): string => {
  const text = jsonOf(what, value);
  const sizeBytes = Buffer.byteLength(text);
  if (sizeBytes > dataBytes) throw new PapilioError('message-too-large', `${what}: ${sizeBytes} bytes`);
  return text;
};

const jsonOf = (what: string, value: object): string => {
  try {
    return JSON.stringify(value);
  } catch (thrown) {
    throw new PapilioError('input-invalid', `${what}: the value is no JSON`, thrown);
  }
};

const nameChars = 80;
/** Blanks, brackets, wildcards, control characters and the others that no name of an execution may have. */
const notInNames = /[\s\p{Cc}<>{}[\]?*"#%\\^|~`$&,;:/]/u;

/** The name of an execution, as it is. @throws input-invalid: emulators take what AWS refuses */
export const nameText = (what: string, name: string): string => {
  if (name.length > 0 && name.length <= nameChars && !notInNames.test(name)) return name;
  throw new PapilioError('input-invalid', `${what}: the name is not 1 to 80 characters without blanks and signs`);
};

/** An error's name, cut to what is taken. */
export const errorText = (error: string): string => error.slice(0, errorChars);

/** A cause, cut to what is taken: a long message must not keep a failure from being told. */
export const causeText = (cause: string): string => cause.slice(0, causeChars);
