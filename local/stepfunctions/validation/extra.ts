import { isArray, isObject, type Json, own } from '../json.ts';
import { DISTRIBUTED_CHECKS } from './distributed.ts';
import { checkResource } from './resource.ts';
import { type Context, type Extra, isExpression } from './values.ts';

const ALONE = 'States.ALL must appear alone and at end of list';

/** The wildcard of error names stands by itself, in the last retrier or catcher. */
const checkWildcards = (list: Json | undefined, at: string, { findings }: Context): void => {
  const entries = list !== undefined && isArray(list) ? list : [];
  for (const [index, entry] of entries.entries()) {
    const names = isObject(entry) ? own(entry, 'ErrorEquals') : undefined;
    const errors = names !== undefined && isArray(names) ? names : [];
    const place = errors.indexOf('States.ALL');
    if (place >= 0 && (errors.length > 1 || index < entries.length - 1)) {
      findings.schema(`${at}[${index}]/ErrorEquals[${place}]`, ALONE);
    }
  }
};

const checkRecovery: Extra = (state, at, context) => {
  checkWildcards(own(state, 'Retry'), `${at}/Retry`, context);
  checkWildcards(own(state, 'Catch'), `${at}/Catch`, context);
};

const MAX_LABEL_CHARS = 40;
/** A label becomes part of an ARN, so it has the characters of a name. */
const LABEL = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\p{Cs}]+$/u;

const checkLabel = (label: Json | undefined, at: string, { findings }: Context): void => {
  if (typeof label !== 'string') return;
  if ([...label].length > MAX_LABEL_CHARS) {
    const rule = `exceeds the ${MAX_LABEL_CHARS}-character limit allowed by the service`;
    findings.error('INVALID_LABEL_NAME', `Invalid Label name: ${label} ${rule}`, `${at}/Label`);
  } else if (!LABEL.test(label)) {
    findings.error('INVALID_LABEL_NAME', `Invalid Label name: ${label}`, `${at}/Label`);
  }
};

const checkCredentials: Extra = (credentials, at, { findings }) => {
  const role = own(credentials, 'RoleArn') ?? own(credentials, 'RoleArn.$');
  if (role === undefined) findings.schema(at, "The field 'RoleArn' is required but was missing");
  else if (typeof role === 'string' && !isExpression(role) && !/^(arn:|\$|States\.)/.test(role)) {
    findings.schema(`${at}/RoleArn`, 'Value is not a valid resource ARN');
  }
};

/** By the name of the shape. */
export const EXTRA_CHECKS: Readonly<Record<string, Extra>> = {
  Task: (state, at, context) => {
    checkResource(state, at, context);
    checkRecovery(state, at, context);
  },
  Parallel: checkRecovery,
  Map: (state, at, context) => {
    checkRecovery(state, at, context);
    checkLabel(own(state, 'Label'), at, context);
  },
  Credentials: checkCredentials,
  ...DISTRIBUTED_CHECKS,
};
