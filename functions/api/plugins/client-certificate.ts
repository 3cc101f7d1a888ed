import type { FastifyRequest } from 'fastify';
import { PapilioError } from '#lib/errors';
import type { Principal } from '#schema/access';
import type { App, Surroundings } from '../surroundings.ts';
import type { Authenticator } from './identity.ts';

/** By this header the TLS front shows that it is the one. */
const secretHeader = 'papilio-tls-front';
/** What it says of the client's certificate; anybody else who says so is refused. */
const certificateHeader = 'papilio-client-certificate';
/** `papilio-client-chain-0` and on: what the client presented after it. */
const chainHeaders = Array.from({ length: 9 }, (_, at) => `papilio-client-chain-${at}`);

const certificateHeaders = [certificateHeader, ...chainHeaders];
const known: ReadonlySet<string> = new Set([secretHeader, ...certificateHeaders]);
const isOfFront = (header: string): boolean => header === secretHeader || header.startsWith('papilio-client-');

/** What Apache's mod_headers writes for what there is not. */
const nothing = '(null)';

const pem = /^-----BEGIN CERTIFICATE----- ?([A-Za-z0-9+/= \t]{1,16000}?) ?-----END CERTIFICATE----- ?$/;

/** A certificate in a header: PEM, in which spaces stand for line ends. @throws certificate-refused */
const derOf = (header: string, value: string): Buffer => {
  const [, body] = pem.exec(value) ?? [];
  if (body === undefined) throw new PapilioError('certificate-refused', `${header} is not one certificate as PEM`);
  return Buffer.from(body, 'base64');
};

/**
 * What the front says that the client presented, its own certificate first; empty without one. Only of the first has TLS
 * proved that the client holds the key: the others are anybody's to show, so that none of them may come to stand first.
 * @throws certificate-refused for a gap
 */
const presentedIn = ({ headers }: FastifyRequest): readonly Buffer[] => {
  const values = certificateHeaders.map((header) => ({ header, value: String(headers[header]) }));
  const end = values.findIndex(({ value }) => value === nothing);
  const presented = end < 0 ? values : values.slice(0, end);
  if (values.slice(presented.length).some(({ value }) => value !== nothing))
    throw new PapilioError(
      'certificate-refused',
      `there are certificates after ${values[end]?.header}, and none in it`,
    );
  return presented.map(({ header, value }) => derOf(header, value));
};

/**
 * Refuses whoever speaks as the TLS front and is not: nobody's word about a certificate or an address counts but that of
 * who knows the secret, and a request that tries is not answered as one without. @throws front-refused
 */
export const guardFrontHeaders = (app: App, { tlsFront }: Pick<Surroundings, 'tlsFront'>): void => {
  app.addHook('onRequest', ({ headers }, _reply, done) => {
    // Where a request comes from is the front's word too: any program of this machine could say it.
    if (headers[secretHeader] === undefined && headers['x-forwarded-for'] !== undefined)
      delete headers['x-forwarded-for'];
    const spoken = Object.keys(headers).filter(isOfFront);
    if (spoken.length === 0) return done();
    check(headers, spoken).then(() => done(), done);
  });
  const check = async (headers: FastifyRequest['headers'], spoken: readonly string[]): Promise<void> => {
    const unknown = spoken.find((header) => !known.has(header));
    if (unknown !== undefined)
      throw new PapilioError('front-refused', `${unknown.slice(0, 60)} is no header of the TLS front’s`);
    const secret = headers[secretHeader];
    if (!tlsFront) throw new PapilioError('front-refused', 'this papilio has no TLS front');
    if (typeof secret !== 'string' || !(await tlsFront.isFront(secret)))
      throw new PapilioError('front-refused', `${secretHeader} does not say the secret of the TLS front`);
    // A front that only speaks TLS has no certificates to tell of.
    if (!tlsFront.verify) return;
    // The front says all of them each time. A client can have one taken away on the way, by naming it in `Connection`.
    const missing = certificateHeaders.find((header) => headers[header] === undefined);
    if (missing !== undefined) throw new PapilioError('front-refused', `${missing} is missing`);
  };
};

/** @throws certificate-refused for a certificate of which nothing can be believed */
const refuseAny = ({ headers }: FastifyRequest): undefined => {
  if (certificateHeaders.every((header) => (headers[header] ?? nothing) === nothing)) return undefined;
  throw new PapilioError('certificate-refused', 'this papilio trusts no authority');
};

/** Who presented a certificate to the TLS front. A token that stands beside it is what the client chose to be known by. */
export const byCertificate =
  ({ tlsFront }: Pick<Surroundings, 'tlsFront'>): Authenticator =>
  async (request, token): Promise<Principal | undefined> => {
    // Without the secret the guard has refused these headers already.
    if (!tlsFront || token !== undefined || request.headers[secretHeader] === undefined) return undefined;
    if (!tlsFront.verify) return refuseAny(request);
    const presented = presentedIn(request);
    return presented.length === 0 ? undefined : tlsFront.verify(presented);
  };
