/** The order of stamps and ids, unit by unit. */
export const compareText = (a: string, b: string): number => Number(a > b) - Number(a < b);
