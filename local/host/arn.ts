import type { Whereabouts } from './instance/launch.ts';

/** The name of a function in AWS's form. */
export const arnOf = ({ region, account }: Whereabouts, name: string): string =>
  `arn:aws:lambda:${region}:${account}:function:${name}`;
