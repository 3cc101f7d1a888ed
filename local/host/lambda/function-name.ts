import { arnOf } from '../arn.ts';
import type { Whereabouts } from '../instance/launch.ts';
import { type Answer, errorAnswer, invalidValue, notFound } from './answer.ts';

/** Name, partial ARN or ARN, each with or without a version or alias, as the API's model has it. */
const rule =
  '(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso(b?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?';
const pattern = new RegExp(`^${rule}$`);
const longest = 170;

/** The only version that a function has here. */
const latest = '$LATEST';

/** A function that is asked for, or what the caller is told instead. */
export type Named =
  | { readonly ok: true; readonly name: string; readonly arn: string }
  | { readonly ok: false; readonly answer: Answer };

const no = (answer: Answer): Named => ({ ok: false, answer });

/** What the parts of a name say; those of a partial name are this host's own. */
const partsOf = (match: RegExpExecArray, { region, account }: Whereabouts) => ({
  owner: { region: match[3]?.slice(0, -1) ?? region, account: match[8]?.slice(0, -1) ?? account },
  name: match[10] ?? '',
  qualifier: match[12],
});

/** Reads a function's name as it stands in a path, and the qualifier beside it. */
export const readFunctionName = (text: string, asked: string | undefined, whereabouts: Whereabouts): Named => {
  const match = text.length <= longest ? pattern.exec(text) : null;
  if (match === null) return no(invalidValue('functionName', text, `regular expression pattern: ${rule}`));
  const { owner, name, qualifier: own } = partsOf(match, whereabouts);
  if (own !== undefined && asked !== undefined && own !== asked) {
    const reason = 'The derived qualifier from the function name does not match the specified qualifier.';
    return no(errorAnswer(400, 'InvalidParameterValueException', reason));
  }
  const qualifier = own ?? asked ?? latest;
  const arn = own === undefined && asked === undefined ? arnOf(owner, name) : `${arnOf(owner, name)}:${qualifier}`;
  const isHere = owner.region === whereabouts.region && owner.account === whereabouts.account;
  return isHere && qualifier === latest ? { ok: true, name, arn } : no(notFound(arn));
};
