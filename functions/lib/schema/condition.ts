import * as z from 'zod';

/**
 * Condition of what an instance stands on: its brokers, and the disk and store of each plane. The bridge and the planes
 * report it; it changes when a connection breaks or a write fails, and heals by itself.
 */

/** A broker that the bridge is configured for. `unknown`: the bridge has not reported for a while. */
export const BrokerView = z.object({
  name: z.string(),
  url: z.string(),
  state: z.enum(['connected', 'connecting', 'away', 'unknown']),
  /** When it entered its state. */
  since: z.iso.datetime(),
  /** The last failure to connect, and the number of tries since the connection was lost. */
  reason: z.string().optional(),
  tries: z.int().min(0).optional(),
});
export type BrokerView = z.infer<typeof BrokerView>;

/** `failing`: a write fails for another reason than space or a read-only mount. */
export const DiskState = z.enum(['ok', 'full', 'read-only', 'failing']);
export type DiskState = z.infer<typeof DiskState>;

/** Whether a plane can write to its folder, by its last write there. */
export const DiskReport = z.object({
  state: DiskState,
  /** Of the first write that failed. */
  since: z.iso.datetime().optional(),
  error: z.string().optional(),
  /** The file system of the plane's folder: `/data (ext4)`. */
  fileSystem: z.string().optional(),
});
export type DiskReport = z.infer<typeof DiskReport>;

/** Why a plane's store refuses to write, since its first write that failed. */
export const StoreTrouble = z.object({ since: z.iso.datetime(), reason: z.string() });
export type StoreTrouble = z.infer<typeof StoreTrouble>;
