import { createHash, createHmac } from 'node:crypto';

/** Who signs, and where. */
export type S3Credentials = {
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
};

/** A request to S3 before it is signed; the path is encoded. */
export type S3Request = {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** SHA-256 of the body, or `UNSIGNED-PAYLOAD`. */
  readonly payloadHash: string;
};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** Percent-encodes as signatures want it: everything but letters, digits and `-._~`. */
export const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** A query in the order that is signed. */
export const queryText = (query: Readonly<Record<string, string>>): string =>
  Object.entries(query)
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join('&');

/** The headers of a request signed with AWS Signature Version 4. */
export const signed = (request: S3Request, who: S3Credentials, atMs: number): Record<string, string> => {
  const stamp = new Date(atMs).toISOString().replace(/[-:]|\.\d+/g, '');
  const day = stamp.slice(0, 8);
  const names = 'host;x-amz-content-sha256;x-amz-date';
  const headers = `host:${request.host}\nx-amz-content-sha256:${request.payloadHash}\nx-amz-date:${stamp}\n`;
  const canonical = [request.method, request.path, queryText(request.query), headers, names, request.payloadHash];
  const scope = `${day}/${who.region}/s3/aws4_request`;
  const text = `AWS4-HMAC-SHA256\n${stamp}\n${scope}\n${sha256(canonical.join('\n'))}`;
  const key = hmac(hmac(hmac(hmac(`AWS4${who.secretAccessKey}`, day), who.region), 's3'), 'aws4_request');
  const signature = hmac(key, text).toString('hex');
  return {
    'x-amz-date': stamp,
    'x-amz-content-sha256': request.payloadHash,
    authorization: `AWS4-HMAC-SHA256 Credential=${who.accessKeyId}/${scope},SignedHeaders=${names},Signature=${signature}`,
  };
};
