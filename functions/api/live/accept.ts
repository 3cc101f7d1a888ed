/** How much somebody wants a type of content; 0 if he does not take it. */
const wishOf = (accept: string, types: readonly string[]): number => {
  const wishes = accept.split(',').map((part) => {
    const [type = '', ...parameters] = part.split(';').map((each) => each.trim().toLowerCase());
    const [, q = '1'] = parameters.map((each) => /^q=([\d.]+)$/.exec(each)).find((found) => found !== null) ?? [];
    return types.includes(type) ? Number(q) || 0 : 0;
  });
  return Math.max(0, ...wishes);
};

/** Whether an Accept header names event streams, and no less gladly than JSON. */
export const wantsStream = (accept: string | undefined): boolean => {
  const stream = wishOf(accept ?? '', ['text/event-stream']);
  return stream > 0 && stream >= wishOf(accept ?? '', ['application/json']);
};
