import type { FastifyInstance } from 'fastify';
import type { HostRow } from '../../../../core/hive/documents.ts';
import { heartbeat, register, removeHost } from '../../../../core/hive/registry/nodes.ts';
import type { Refusal } from '../../../../core/hive/registry/refusal.ts';
import { mustSpeakFor } from '../access.ts';
import type { Hive } from '../hive.ts';
import { HttpProblem, unprocessable } from '../http-problem.ts';
import { readBody } from '../read-body.ts';

/** What hosts say of themselves. */
export function nodeRoutes(app: FastifyInstance, hive: Hive): void {
  const { registry, access, endpointProblems } = hive;
  const node = access.guard('node');

  app.post('/v1/nodes/register', node, (request) => {
    const host = readBody('host', request.body);
    mustSpeakFor(request.hiveKey, host.host_id);
    mustBeAllowed(endpointProblems(host, host.services));
    mustPass(registry.change((catalogue, nowS) => register(catalogue, host, nowS)));
    hive.tellCollisions();
    return { status: 'ok', host: hostIn(host.host_id) };
  });

  app.post('/v1/nodes/heartbeat', node, (request) => {
    const beat = readBody('heartbeat', request.body);
    mustSpeakFor(request.hiveKey, beat.host_id);
    const known = registry.catalogue().hosts.get(beat.host_id);
    if (known !== undefined) mustBeAllowed(endpointProblems(known, beat.services ?? []));
    mustPass(registry.change((catalogue, nowS) => heartbeat(catalogue, beat, nowS)));
    if (beat.services !== undefined) hive.tellCollisions();
    return { status: 'ok', host: hostIn(beat.host_id) };
  });

  app.post('/v1/nodes/deregister', node, (request) => {
    const { host_id } = readBody('heartbeat', request.body);
    mustSpeakFor(request.hiveKey, host_id);
    mustPass(registry.change((catalogue) => removeHost(catalogue, host_id)));
    return { status: 'ok', host_id };
  });

  function hostIn(hostId: string): HostRow | undefined {
    return registry.catalogue().hosts.get(hostId);
  }
}

function mustBeAllowed(problems: ReturnType<Hive['endpointProblems']>): void {
  if (problems.length > 0) throw unprocessable(problems);
}

/** Throws what a node is answered where its request changes nothing. */
export function mustPass(refusal: Refusal | undefined): void {
  if (refusal === undefined) return;
  switch (refusal.kind) {
    case 'unknown-host':
      throw new HttpProblem(404, { error: 'unknown_host', host_id: refusal.hostId });
    case 'unknown-service':
      throw new HttpProblem(404, { error: 'unknown_service', service_id: refusal.serviceId });
    case 'service-conflict': {
      const { serviceId: service_id, hostId: host_id } = refusal;
      throw new HttpProblem(409, { error: 'service_conflict', service_id, host_id });
    }
    default:
      refusal satisfies never;
  }
}
