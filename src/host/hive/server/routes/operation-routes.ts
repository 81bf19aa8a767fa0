import type { FastifyInstance } from 'fastify';
import type { Hive } from '../hive.ts';

/** What those ask who keep a registry running. */
export function operationRoutes(app: FastifyInstance, { access, metrics, isDraining }: Hive): void {
  app.get('/health', () => ({ status: 'ok' }));
  app.get('/livez', () => ({ status: 'ok' }));
  app.get('/readyz', (_request, reply) => {
    if (!isDraining()) return { status: 'ok' };
    return reply.code(503).header('retry-after', '5').send({ status: 'draining' });
  });
  app.get('/metrics', access.guard('client'), async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.text()),
  );
}
