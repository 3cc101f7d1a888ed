/** Random numbers that are the same on every machine: integer arithmetic only. */

/** xoshiro128** by Blackman and Vigna: 32 bits a draw, period 2^128 − 1; the four words are its state. */
export type Random = Int32Array;

/** Seeds a stream from whole numbers of 32 bits, of which every bit counts and so does their order. */
export function randomOf(...keys: readonly number[]): Random {
  const state = Int32Array.of(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344);
  for (let at = 0; at < 4; at++) {
    let hash = state[at] ?? 0;
    for (const key of keys) hash = (mix(hash ^ key) + 0x9e37_79b9) | 0;
    state[at] = mix(hash);
  }
  // All zeros is the one state that xoshiro never leaves.
  state[3] = (state[3] ?? 0) | 1;
  return state;
}

/** Draws the next 32 bits. */
export function draw(state: Random): number {
  const s1 = state[1] ?? 0;
  const a = (state[2] ?? 0) ^ (state[0] ?? 0);
  const b = (state[3] ?? 0) ^ s1;
  state[1] = s1 ^ a;
  state[0] = (state[0] ?? 0) ^ b;
  state[2] = a ^ (s1 << 9);
  state[3] = (b << 11) | (b >>> 21);
  const product = Math.imul(s1, 5);
  return Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
}

function mix(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0_aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a_2d97);
  return x ^ (x >>> 15);
}
