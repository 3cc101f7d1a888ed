import * as z from 'zod';

/** What an input that travels as an object may have. */
export const claimLimitBytes = 64 * 2 ** 20;

/**
 * An input too large for the way to its function: it lies among the plane's objects, under the hash of its content. Owner:
 * papilio; made by the adapters of functions, read by the function that is called.
 */
export const Claim = z.strictObject({
  $papilio: z.strictObject({
    object: z.string().regex(/^calls\/[0-9a-f]{64}$/, 'must be calls/ and the SHA-256 of the content'),
    sizeBytes: z.int().min(1).max(claimLimitBytes),
    checksumSha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits'),
  }),
});
export type Claim = z.infer<typeof Claim>;
