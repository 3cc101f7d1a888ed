/** AWS's limit on an item as it is read, before ItemSelector makes it smaller: 8 MB of text. */
const MAX_ITEM_CHARS = 8 * 2 ** 20;

/** True for a text that is too long for an item. */
export const isTooLong = (chars: number): boolean => chars > MAX_ITEM_CHARS;

/** Refuses an item before it fills the memory. @throws if it is too long */
export const checkItemSize = (chars: number): void => {
  if (isTooLong(chars)) throw new Error('An item is larger than 8 MB');
};
