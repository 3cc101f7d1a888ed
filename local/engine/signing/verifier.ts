import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Clock } from '#ports/clock';
import { AwsError, type PartName } from '../part.ts';
import type { Keys } from './keys.ts';
import { Sha256 } from './sha256.ts';

/** What is signed of a request. */
export type Signed = {
  readonly method: string;
  /** Path and query, as they stand in the request. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

/** Resolves if a request is signed by one of the keys. Pages belong to no service: `undefined`. @throws AwsError */
export type Verifier = (request: Signed, service: PartName | undefined) => Promise<void>;

const services: Readonly<Record<PartName, string>> = { sqs: 'sqs', sfn: 'states' };
const skewMs = 5 * 60_000;

const form = /^AWS4-HMAC-SHA256 (.+)$/;
const scope = /^([^/]+)\/(\d{8})\/([\w-]+)\/([\w-]+)\/aws4_request$/;
const moment = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/** SQS answers as its older protocol did, Step Functions as all services of AWS JSON. */
const refusal = (code: string, message: string, service: PartName | undefined): AwsError =>
  new AwsError(code, message, service === 'sfn' ? 400 : 403);

/** The value of a header by a name that the client says. */
const headerOf = (headers: IncomingHttpHeaders, name: string): string | undefined => {
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
  return typeof value === 'object' ? value.join(',') : value;
};

type Claim = {
  readonly keyId: string;
  readonly day: string;
  readonly region: string;
  readonly scopedTo: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
};

/** What the header Authorization says; `undefined` if a part of it is missing. */
const readClaim = (authorization: string): Claim | undefined => {
  const [, list = ''] = form.exec(authorization) ?? [];
  const parts = new Map(
    list.split(/,\s*/).map((part): [string, string] => {
      const at = part.indexOf('=');
      return [part.slice(0, at).trim(), part.slice(at + 1)];
    }),
  );
  const [, keyId, day, region, scopedTo] = scope.exec(parts.get('Credential') ?? '') ?? [];
  const [signature, signed] = [parts.get('Signature'), parts.get('SignedHeaders')];
  if (keyId === undefined || day === undefined || region === undefined || scopedTo === undefined) return undefined;
  if (signature === undefined || signed === undefined) return undefined;
  return { keyId, day, region, scopedTo, signedHeaders: signed.split(';'), signature };
};

const compact = (ms: number): string => new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '');

/** Why a moment is no moment to sign now. */
const timeProblem = (date: string, nowMs: number): string | undefined => {
  const signedMs = Date.parse(date.replace(moment, '$1-$2-$3T$4:$5:$6Z'));
  if (!moment.test(date) || Number.isNaN(signedMs)) return 'Date must be in ISO-8601 basic format.';
  const [now, edge] = [compact(nowMs), (ms: number) => compact(nowMs + ms)];
  if (signedMs < nowMs - skewMs) {
    return `Signature expired: ${date} is now earlier than ${edge(-skewMs)} (${now} - 5 min.)`;
  }
  if (signedMs > nowMs + skewMs) {
    return `Signature not yet current: ${date} is still later than ${edge(skewMs)} (${now} + 5 min.)`;
  }
  return undefined;
};

const mismatch =
  'The request signature we calculated does not match the signature you provided. ' +
  'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';

/** Why a claim cannot be right, whatever its signature is. */
const claimProblem = (claim: Claim, { headers, body }: Signed, service: PartName | undefined, nowMs: number) => {
  const date = headerOf(headers, 'x-amz-date') ?? '';
  const late = timeProblem(date, nowMs);
  if (late !== undefined) return late;
  if (claim.day !== date.slice(0, 8)) return `Date in Credential scope does not match YYYYMMDD from ISO-8601: ${date}`;
  const right = service === undefined ? Object.values(services) : [services[service]];
  if (!right.includes(claim.scopedTo)) return `Credential should be scoped to correct service: '${right[0]}'.`;
  // What is not signed could be another's word.
  const needed = ['host', ...Object.keys(headers).filter((name) => /^x-amz-(target|date|content-sha256)$/.test(name))];
  const unsigned = needed.find((name) => !claim.signedHeaders.includes(name));
  if (unsigned !== undefined) return `'${unsigned}' must be a 'SignedHeader' in the AWS Authorization.`;
  const saidHash = headerOf(headers, 'x-amz-content-sha256');
  const isOther = saidHash !== undefined && saidHash !== createHash('sha256').update(body).digest('hex');
  return isOther ? mismatch : undefined;
};

const isSame = (one: string, other: string): boolean => {
  const hashOf = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hashOf(one), hashOf(other));
};

/** The signature that the key makes of this request. */
const signAgain = async ({ method, url, headers, body }: Signed, claim: Claim, secret: string): Promise<string> => {
  const [path = '', search = ''] = url.split('?');
  const given = new URLSearchParams(search);
  const query = Object.fromEntries([...given.keys()].map((name) => [name, given.getAll(name)]));
  const signer = new SignatureV4({
    credentials: { accessKeyId: claim.keyId, secretAccessKey: secret },
    region: claim.region,
    service: claim.scopedTo,
    sha256: Sha256,
    applyChecksum: false,
  });
  const signed = Object.fromEntries(claim.signedHeaders.map((name) => [name, headerOf(headers, name) ?? '']));
  const request = { method, protocol: 'http:', hostname: '', path, query, headers: signed, body };
  const signingDate = new Date((headerOf(headers, 'x-amz-date') ?? '').replace(moment, '$1-$2-$3T$4:$5:$6Z'));
  const answer = await signer.sign(request, { signingDate, signableHeaders: new Set(claim.signedHeaders) });
  return readClaim(answer.headers.authorization ?? '')?.signature ?? '';
};

/** Verifies Signature Version 4 as AWS does, by signing again with the key that a request names. */
export const createVerifier =
  (keys: Keys, clock: Clock): Verifier =>
  async (request, service) => {
    const authorization = request.headers.authorization;
    if (authorization === undefined) {
      throw refusal('MissingAuthenticationTokenException', 'Missing Authentication Token', service);
    }
    const claim = readClaim(authorization);
    if (claim === undefined) {
      const needs = "Authorization header requires 'Credential', 'Signature' and 'SignedHeaders' parameters.";
      throw refusal('IncompleteSignatureException', needs, service);
    }
    const secret = keys.get(claim.keyId);
    if (secret === undefined) {
      throw refusal('UnrecognizedClientException', 'The security token included in the request is invalid.', service);
    }
    const problem = claimProblem(claim, request, service, clock.nowMs());
    if (problem !== undefined) throw refusal('InvalidSignatureException', problem, service);
    if (isSame(await signAgain(request, claim, secret), claim.signature)) return;
    throw refusal('InvalidSignatureException', mismatch, service);
  };
