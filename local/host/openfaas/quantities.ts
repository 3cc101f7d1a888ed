/** Bytes by the suffixes of Kubernetes. */
const units: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  K: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
};

/** Mebibytes of `128Mi`, `1Gi` or `256M`; NaN for what is no quantity, which no host takes. */
export const readMemoryMb = (text: string | undefined, usualMb: number): number => {
  if (text === undefined || text === '') return usualMb;
  const [, count = '', unit = ''] = /^(\d{1,15}(?:\.\d{1,6})?)(Ki|Mi|Gi|[kKMG])?$/.exec(text) ?? [];
  const bytes = count === '' ? Number.NaN : Number(count) * (units[unit] ?? Number.NaN);
  return Math.floor(bytes / 2 ** 20);
};

const seconds: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3_600 };

/** Seconds of a duration as Go writes it, `1m30s`, or of a plain number; NaN for what is none. */
export const readTimeoutS = (text: string | undefined, usualS: number): number => {
  if (text === undefined || text === '') return usualS;
  if (/^\d{1,6}$/.test(text)) return Number(text);
  if (!/^(\d{1,9}(\.\d{1,6})?(ms|s|m|h))+$/.test(text)) return Number.NaN;
  const parts = [...text.matchAll(/(\d{1,9}(?:\.\d{1,6})?)(ms|s|m|h)/g)];
  return parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (seconds[unit] ?? Number.NaN), 0);
};
