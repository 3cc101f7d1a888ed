import { tokens } from '../../functions/lib/records.ts';
import { AuditPage } from '../../functions/lib/schema/audit.ts';
import { CommandView } from '../../functions/lib/schema/command.ts';
import { Can, Me } from '../../functions/lib/schema/me.ts';
import { TokenMade, TokenView } from '../../functions/lib/schema/token.ts';
import { UsageGraduatePage, UsagePage } from '../../functions/lib/schema/usage.ts';
import { aToken } from '../builders/a-machine-token.ts';
import type { TestApi } from '../builders/an-api.ts';
import type { Row } from './http-api-work-routes.ts';

const token = aToken();

/** A token that is there. */
export const keepToken = ({ planes }: TestApi) =>
  planes.work.store.transact({ writes: [tokens.put(token.id, token, 0)], events: [] });

/** Paths about who asks, and who did what. */
export const accessRoutes: Readonly<Record<string, Row>> = {
  '/v1/me': { good: '/v1/me', schema: Me, bad: '/v1/me/', code: 'not-found', status: 404 },
  '/v1/me/can': {
    good: '/v1/me/can?action=facility.drain&on=local',
    schema: Can,
    bad: '/v1/me/can?action=all.do',
    code: 'record-missing',
    status: 404,
  },
  '/v1/tokens': {
    good: '/v1/tokens',
    schema: TokenMade,
    bad: '/v1/tokens/none',
    code: 'method-not-allowed',
    status: 405,
    body: { name: 'a dashboard', why: 'it shows the lag', roles: ['admin'] },
  },
  '/v1/tokens/{id}': {
    good: `/v1/tokens/${token.id}`,
    schema: TokenView,
    bad: '/v1/tokens/token_none',
    code: 'record-missing',
    status: 404,
    needsToken: true,
  },
  '/v1/tokens/{id}/revoke': {
    good: `/v1/tokens/${token.id}/revoke`,
    schema: CommandView,
    bad: '/v1/tokens/none/revoke',
    code: 'input-invalid',
    status: 422,
    body: { why: 'the machine is gone' },
  },
  '/v1/audit': {
    good: '/v1/audit?outcome=done',
    schema: AuditPage,
    bad: '/v1/audit?outcome=good',
    code: 'input-invalid',
    status: 422,
    needsToken: true,
  },
  '/v1/usage': {
    good: '/v1/usage?by=route',
    schema: UsagePage,
    bad: '/v1/usage?by=weather',
    code: 'input-invalid',
    status: 422,
    needsToken: true,
  },
  '/v1/usage/graduates': {
    good: '/v1/usage/graduates',
    schema: UsageGraduatePage,
    bad: '/v1/usage/graduates?since=yesterday',
    code: 'input-invalid',
    status: 422,
    needsToken: true,
  },
};
