import Fastify, { type FastifyInstance } from 'fastify';
import type { Hive } from './hive.ts';
import { detail } from './http-problem.ts';
import { readJsonBodies } from './json-body.ts';
import { refuseOtherSites } from './other-sites.ts';
import { answerProblems } from './problem-answer.ts';
import { requestIdOf } from './request-id.ts';
import { clusterRoutes } from './routes/cluster-routes.ts';
import { nodeRoutes } from './routes/node-routes.ts';
import { openaiRoutes } from './routes/openai-routes.ts';
import { operationRoutes } from './routes/operation-routes.ts';
import { pageRoutes } from './routes/page-routes.ts';
import { recordRoutes } from './routes/record-routes.ts';

const SLOWEST_HEADERS_MS = 30_000;
/** How soon a client is noticed that is too slow. */
const SLOWNESS_CHECK_MS = 2_000;
const IDLE_CONNECTION_MS = 75_000;

/** The registry as an HTTP server that listens to nothing yet. `tellBug` gets what no answer says. */
export function appOf(hive: Hive, tellBug: (text: string) => void): FastifyInstance {
  const { limits } = hive.options;
  const app = Fastify({
    logger: false,
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: IDLE_CONNECTION_MS,
    http: {
      // Node.js exchanges the two where this one is the larger.
      headersTimeout: Math.min(SLOWEST_HEADERS_MS, limits.requestTimeoutMs),
      connectionsCheckingInterval: SLOWNESS_CHECK_MS,
    },
    // A request that is under way goes on; connections that nobody uses are closed at once.
    forceCloseConnections: 'idle',
    genReqId: requestIdOf,
    routerOptions: { maxParamLength: 1000 },
    exposeHeadRoutes: true,
  });
  app.decorateRequest('hiveKey', undefined);
  app.setErrorHandler(
    answerProblems((error, { method, url }) =>
      tellBug(`${method} ${url}: ${error.stack ?? error.message}`),
    ),
  );
  const methods = knownMethods(app);
  app.setNotFoundHandler(({ url }) => {
    const allowed = methods.get(url.split('?', 1)[0] ?? '');
    if (allowed === undefined) throw detail(404, 'Not Found');
    throw detail(405, 'Method Not Allowed', { allow: [...allowed].join(', ') });
  });
  app.addHook('onSend', (request, reply, _payload, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  refuseOtherSites(app);
  readJsonBodies(app);
  for (const add of [
    operationRoutes,
    nodeRoutes,
    clusterRoutes,
    recordRoutes,
    openaiRoutes,
    pageRoutes,
  ]) {
    add(app, hive);
  }
  return app;
}

/** By path, as routes are added. */
function knownMethods(app: FastifyInstance): ReadonlyMap<string, ReadonlySet<string>> {
  const methods = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ method, path }) => {
    const known = methods.get(path) ?? new Set();
    for (const one of [method].flat()) known.add(one);
    methods.set(path, known);
  });
  return methods;
}
