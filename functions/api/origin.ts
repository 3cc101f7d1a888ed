import type { FastifyRequest } from 'fastify';
import type { Origin } from '#schema/command';

const clientMax = 200;

/** Where a request comes from, as the audit log keeps it. */
export const originOf = ({ id, ip, headers, principal }: FastifyRequest): Origin => {
  const { kind, id: who, name, issuer, tokenId } = principal;
  const client = headers['user-agent']?.slice(0, clientMax);
  return {
    requestId: id,
    address: ip,
    ...(client !== undefined && { client }),
    principal: {
      kind,
      id: who,
      ...(name !== undefined && { name }),
      ...(issuer && { issuer }),
      ...(tokenId && { tokenId }),
    },
  };
};
