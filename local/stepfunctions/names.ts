import { AwsError } from '../engine/part.ts';

const FORBIDDEN = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\p{Cs}\uFFFE\uFFFF\u{10FFFF}]/u;

/** Refuses a name that AWS would not take for a machine or execution. */
export const checkName = (name: string): void => {
  if (name.length < 1 || name.length > 80 || FORBIDDEN.test(name))
    throw new AwsError('InvalidName', `Invalid Name: '${name}'`);
};
