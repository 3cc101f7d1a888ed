import { PapilioError } from '#lib/errors';

const keyLimit = 512;
const segmentLimit = 200;
const segmentForm = /^[A-Za-z0-9._-]+$/;

/** Whether a segment may name a file or folder: no dots alone, and short enough for every file system. */
const isSegment = (segment: string): boolean =>
  segment.length <= segmentLimit && segmentForm.test(segment) && !/^\.+$/.test(segment);

/** @throws object-key-invalid for a key that is absolute, too long, or has a segment that is not allowed. */
export const checkObjectKey = (key: string): void => {
  const bad =
    key.length > keyLimit ? 'more than 512 characters' : key.split('/').find((segment) => !isSegment(segment));
  if (bad === undefined) return;
  throw new PapilioError(
    'object-key-invalid',
    `${JSON.stringify(key.slice(0, 100))}: ${bad === '' ? 'an empty segment' : bad}`,
  );
};

/** Makes a wrapper that checks the key before the work, and gives what the medium throws a name. */
export const namingWith =
  (errorOf: (thrown: unknown, key: string) => unknown) =>
  <Rest extends readonly unknown[], T>(work: (key: string, ...rest: Rest) => Promise<T>) =>
  async (key: string, ...rest: Rest): Promise<T> => {
    checkObjectKey(key);
    try {
      return await work(key, ...rest);
    } catch (thrown) {
      throw errorOf(thrown, key);
    }
  };

/** The folders that a key lies in, from the top: `a` and `a/b` of `a/b/c`. */
export const foldersAbove = (key: string): string[] => {
  const segments = key.split('/');
  return segments.slice(1).map((_, at) => segments.slice(0, at + 1).join('/'));
};

/** The error of a key that would be a folder and an object at once, which no disk can hold. */
export const folderAndObject = (key: string): PapilioError =>
  new PapilioError('object-key-invalid', `${key}: a key cannot go on below an object`);

/** @throws input-invalid for a range that is not `[first, end)`. */
export const checkRange = (key: string, firstByte: number, endByte: number): void => {
  const areWhole = Number.isSafeInteger(firstByte) && Number.isSafeInteger(endByte);
  if (areWhole && firstByte >= 0 && endByte >= firstByte) return;
  throw new PapilioError('input-invalid', `${key}: bytes [${firstByte}, ${endByte}) are not a range`);
};
