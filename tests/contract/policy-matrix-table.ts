/**
 * Who may use which route, written by hand: it is compared with the policies and with the routes, and is made from neither.
 * `y` may, `-` may not, `o` may where it is theirs: an admin of the facility, or the owner of the job or token.
 * `nobody` shows no token where others reach papilio; `none` is known and has no role.
 */
const text = `
                                           nobody none viewer user expert operator facility production admin
GET  /v1                                   y      y    y      y    y      y        y        y          y
GET  /v1/openapi.json                      y      y    y      y    y      y        y        y          y
GET  /v1/version                           y      y    y      y    y      y        y        y          y
GET  /v1/health                            y      y    y      y    y      y        y        y          y
GET  /v1/ready                             y      y    y      y    y      y        y        y          y
GET  /v1/errors                            y      y    y      y    y      y        y        y          y
GET  /v1/errors/:code                      y      y    y      y    y      y        y        y          y

GET  /v1/me                                -      y    y      y    y      y        y        y          y
GET  /v1/me/can                            -      y    y      y    y      y        y        y          y

GET  /v1/status                            -      -    y      y    y      y        y        y          y
GET  /v1/summary                           -      -    y      y    y      y        y        y          y
GET  /v1/runs                              -      -    y      y    y      y        y        y          y
GET  /v1/runs/:run                         -      -    y      y    y      y        y        y          y
GET  /v1/runs/:run/coverage                -      -    y      y    y      y        y        y          y
GET  /v1/state                             -      -    y      y    y      y        y        y          y
GET  /v1/state/facets/:facet               -      -    y      y    y      y        y        y          y
GET  /v1/state/history                     -      -    y      y    y      y        y        y          y
GET  /v1/periods                           -      -    y      y    y      y        y        y          y
GET  /v1/periods/:id                       -      -    y      y    y      y        y        y          y
GET  /v1/stfs                              -      -    y      y    y      y        y        y          y
GET  /v1/stfs/:stf                         -      -    y      y    y      y        y        y          y
GET  /v1/stfs/:stf/bytes                   -      -    y      y    y      y        y        y          y
GET  /v1/stfs/:stf/trace                   -      -    y      y    y      y        y        y          y
GET  /v1/tfs/:tf                           -      -    y      y    y      y        y        y          y
GET  /v1/tfs/:tf/bytes                     -      -    y      y    y      y        y        y          y
GET  /v1/bxs/:bx                           -      -    y      y    y      y        y        y          y
GET  /v1/jobs                              -      -    y      y    y      y        y        y          y
GET  /v1/jobs/:job                         -      -    y      y    y      y        y        y          y
GET  /v1/jobs/:job/log                     -      -    y      y    y      y        y        y          y
GET  /v1/facilities                        -      -    y      y    y      y        y        y          y
GET  /v1/facilities/:facility              -      -    y      y    y      y        y        y          y
GET  /v1/bundles                           -      -    y      y    y      y        y        y          y
GET  /v1/bundles/:bundle                   -      -    y      y    y      y        y        y          y
GET  /v1/placements                        -      -    y      y    y      y        y        y          y
GET  /v1/placements/:id                    -      -    y      y    y      y        y        y          y
GET  /v1/outputs                           -      -    y      y    y      y        y        y          y
GET  /v1/outputs/:output                   -      -    y      y    y      y        y        y          y
GET  /v1/outputs/:output/bytes             -      -    y      y    y      y        y        y          y
GET  /v1/provenance/:id                    -      -    y      y    y      y        y        y          y
GET  /v1/quarantine                        -      -    y      y    y      y        y        y          y
GET  /v1/quarantine/:id                    -      -    y      y    y      y        y        y          y
GET  /v1/commands/:id                      -      -    y      y    y      y        y        y          y
GET  /v1/events                            -      -    y      y    y      y        y        y          y
GET  /v1/executions                        -      -    y      y    y      y        y        y          y
GET  /v1/executions/:execution             -      -    y      y    y      y        y        y          y
GET  /v1/executions/:execution/history     -      -    y      y    y      y        y        y          y
GET  /v1/workflows                         -      -    y      y    y      y        y        y          y
GET  /v1/workflows/:workflow               -      -    y      y    y      y        y        y          y
GET  /v1/functions                         -      -    y      y    y      y        y        y          y
GET  /v1/functions/:function               -      -    y      y    y      y        y        y          y
POST /v1/workflows/validate                -      -    y      y    y      y        y        y          y
POST /v1/workflows/test                    -      -    y      y    y      y        y        y          y

GET  /v1/audit                             -      -    -      -    -      y        -        -          y
GET  /v1/usage                             -      -    -      -    -      y        -        y          y
GET  /v1/usage/graduates                   -      -    -      -    -      y        -        y          y

POST /v1/periods/:id/name                  -      -    -      -    y      y        -        y          y
POST /v1/periods/:id/close                 -      -    -      -    y      y        -        y          y
POST /v1/processing/suspend                -      -    -      -    y      y        -        -          y
POST /v1/processing/resume                 -      -    -      -    y      y        -        -          y
POST /v1/quarantine/:id/mend               -      -    -      -    y      y        -        -          y
POST /v1/quarantine/:id/replay             -      -    -      -    y      y        -        -          y
POST /v1/quarantine/:id/discard            -      -    -      -    y      y        -        -          y
POST /v1/executions/:execution/stop        -      -    -      -    -      y        -        y          y
POST /v1/executions/:execution/redrive     -      -    -      -    -      y        -        y          y
POST /v1/facilities/:id/drain              -      -    -      -    -      y        o        y          y
POST /v1/facilities/:id/resume             -      -    -      -    -      y        o        y          y
POST /v1/jobs/:id/cancel                   -      -    -      o    o      y        o        y          y
POST /v1/jobs/:id/retry                    -      -    -      o    o      y        o        y          y

GET  /v1/tokens                            -      -    -      y    y      y        y        y          y
POST /v1/tokens                            -      -    -      y    y      y        y        y          y
GET  /v1/tokens/:id                        -      -    -      o    o      o        o        o          y
POST /v1/tokens/:id/revoke                 -      -    -      o    o      o        o        o          y
`;

/** Who asks, column by column. */
export const columns = [
  'nobody',
  'none',
  'viewer',
  'user',
  'expert',
  'operator',
  'facility-admin',
  'production-manager',
  'admin',
] as const;
export type Column = (typeof columns)[number];

/** One cell: whether who stands above it may use the route beside it. */
export type Cell = { readonly route: string; readonly who: Column; readonly may: string };

/** Every cell of the table. */
export const cells: readonly Cell[] = text
  .split('\n')
  .filter((line) => /^(GET|POST|PUT|PATCH|DELETE) /.test(line))
  .flatMap((line) => {
    const [method, path, ...may] = line.trim().split(/ +/);
    if (may.length !== columns.length) throw new Error(`${line}: ${may.length} cells`);
    return columns.map((who, at) => ({ route: `${method} ${path}`, who, may: may[at] ?? '' }));
  });
