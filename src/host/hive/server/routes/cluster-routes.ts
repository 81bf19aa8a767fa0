import type { FastifyInstance } from 'fastify';
import { clusterHealth } from '../../../../core/hive/cluster-health.ts';
import { compareCodePoints } from '../../../../core/hive/compare-code-points.ts';
import { matchRoutes } from '../../../../core/hive/match/match-routes.ts';
import { modelsList } from '../../../../core/hive/models-list.ts';
import { effectivePolicy } from '../../../../core/hive/policy/effective.ts';
import { resolutionBody } from '../../../../core/hive/routing/resolution-body.ts';
import { resolve } from '../../../../core/hive/routing/resolve.ts';
import type { Hive } from '../hive.ts';
import { HttpProblem, unprocessable } from '../http-problem.ts';
import { queryValue } from '../query-value.ts';
import { readBody } from '../read-body.ts';
import { viewOf } from '../view-of.ts';

/** What is registered, and where a request would go. */
export function clusterRoutes(app: FastifyInstance, hive: Hive): void {
  const { registry, access } = hive;
  const client = access.guard('client');

  app.get('/v1/cluster/hosts', client, () =>
    listOf([...registry.catalogue().hosts.values()], (row) => [row.host_id]),
  );
  app.get('/v1/cluster/services', client, () => {
    const rows = [...registry.catalogue().services.values()].map(({ row }) => row);
    return listOf(rows, (row) => [row.host_id, row.service_id]);
  });
  app.get('/v1/cluster/roles', client, () =>
    listOf([...registry.catalogue().roles.values()], (row) => [row.role_id]),
  );
  app.get('/v1/cluster/health', client, () => clusterHealth(viewOf(hive)));

  app.get('/v1/cluster/routes/resolve', client, (request) => {
    const model = queryValue(request.query, 'model');
    if (model === undefined) throw unprocessable([missingModel]);
    const kind = queryValue(request.query, 'kind');
    const resolution = resolve(viewOf(hive), model, kind);
    if (resolution === undefined) {
      throw new HttpProblem(404, { error: 'no_route', model, kind: kind ?? null });
    }
    return { status: 'ok', resolution: resolutionBody(resolution) };
  });

  app.post('/v1/cluster/routes/match', client, (request) =>
    matchRoutes(viewOf(hive), readBody('route_match_request', request.body)),
  );

  app.get('/v1/models', client, () => {
    const { assets } = registry.catalogue();
    return modelsList(viewOf(hive), (service, _asset, role, requested) =>
      service === undefined
        ? null
        : (effectivePolicy({ service, role, requested, assets }) ?? null),
    );
  });
}

const missingModel = {
  type: 'missing',
  loc: ['query', 'model'],
  msg: 'Field required',
  input: null,
};

/** Sorted by what is given of each. */
export function listOf<Row>(rows: readonly Row[], keysOf: (row: Row) => readonly string[]) {
  const data = rows.toSorted((a, b) => {
    const others = keysOf(b);
    const orders = keysOf(a).map((key, at) => compareCodePoints(key, others[at] ?? ''));
    return orders.find((order) => order !== 0) ?? 0;
  });
  return { object: 'list', data };
}
