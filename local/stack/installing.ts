import { dynamoDbLocalPart } from './parts/dynamodb-local.ts';
import { jsonataPart, localstackPart } from './parts/localstack.ts';
import { installMinio, isMinioInstalled, minioVersion, whyNoMinio } from './parts/minio.ts';
import { ministackPart } from './parts/ministack.ts';
import type { Say } from './parts/python-part.ts';
import type { StackFile } from './stack-file.ts';

/** A program that a stack is made of, as it is installed into the cache. */
export type Installable = {
  readonly name: string;
  readonly version: string;
  /** Why it cannot be had on this machine; undefined if it can. */
  readonly whyNot: () => string | undefined;
  readonly isInstalled: () => boolean;
  readonly install: (say?: Say) => void;
};

const minioPart: Installable = {
  name: 'minio',
  version: minioVersion,
  whyNot: whyNoMinio,
  isInstalled: isMinioInstalled,
  install: installMinio,
};

/** What each kind of stack is made of, in the order in which it is installed. */
export const installables: Readonly<Record<StackFile['kind'], readonly Installable[]>> = {
  ministack: [ministackPart, minioPart],
  localstack: [localstackPart, dynamoDbLocalPart, jsonataPart, minioPart],
};

/** Why a kind of stack cannot be had on this machine; undefined if it can. */
export const whyNoStack = (kind: StackFile['kind']): string | undefined => {
  const reasons = installables[kind].flatMap((part) => {
    const reason = part.whyNot();
    return reason === undefined ? [] : [`${part.name}: ${reason}`];
  });
  return reasons.length === 0 ? undefined : reasons.join('; ');
};

/** Installs what is missing, one after the other. */
export const installMissing = (kind: StackFile['kind'], say: Say): void => {
  const missing = installables[kind].filter((part) => !part.isInstalled());
  for (const [at, part] of missing.entries()) {
    say(`installs ${part.name} ${part.version}, ${at + 1} of ${missing.length}`);
    part.install(say);
  }
};
