/** Addresses of objects that whoever holds them may use for a while: AWS Signature Version 4 in the query. */
import { createHash, createHmac } from 'node:crypto';

/** Who asks S3 for something; a token goes with keys that expire. */
export type Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
};

/** What is allowed, with whose rights, from when on and for how long. */
export type Allowance = {
  readonly method: 'GET' | 'PUT';
  /** The object's address, without a query. */
  readonly url: URL;
  /** Headers that must be sent as they are here. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly validS: number;
  readonly region: string;
  readonly credentials: Credentials;
  readonly nowMs: number;
};

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const mac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** As the signature wants it: `encodeURIComponent` leaves five characters that it encodes. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

const queryOf = (parameters: Readonly<Record<string, string>>): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join('&');

/** `20130524T000000Z`. */
const stampOf = (nowMs: number): string => new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '');

/** The address that allows it. */
export const presign = ({ method, url, headers = {}, validS, region, credentials, nowMs }: Allowance): string => {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const stamp = stampOf(nowMs);
  const scope = [stamp.slice(0, 8), region, 's3', 'aws4_request'];
  const signed = Object.entries({ ...headers, host: url.host })
    .map(([name, value]) => [name.toLowerCase(), value.trim()] as const)
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
  const signedNames = signed.map(([name]) => name).join(';');
  const query = queryOf({
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': [accessKeyId, ...scope].join('/'),
    'X-Amz-Date': stamp,
    'X-Amz-Expires': String(validS),
    'X-Amz-SignedHeaders': signedNames,
    ...(sessionToken !== undefined && { 'X-Amz-Security-Token': sessionToken }),
  });
  const headerLines = signed.map(([name, value]) => `${name}:${value}\n`).join('');
  const request = [method, url.pathname, query, headerLines, signedNames, 'UNSIGNED-PAYLOAD'].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', stamp, scope.join('/'), hash(request)].join('\n');
  const key = scope.reduce<string | Buffer>((last, part) => mac(last, part), `AWS4${secretAccessKey}`);
  return `${url.href}?${query}&X-Amz-Signature=${mac(key, toSign).toString('hex')}`;
};
