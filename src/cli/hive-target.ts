import { nearest } from '../core/config/nearest.ts';
import { visible } from '../core/control-characters.ts';
import { VllmdError } from '../core/failure.ts';
import {
  readModelNames,
  readResolution,
  readServices,
} from '../core/hive/answers/read-services.ts';
import type { ServiceDocument } from '../core/hive/documents.ts';
import type { OpenRegistry } from './hive-registry.ts';

type Target = {
  /** Where a request would go now. */
  readonly resolved: ServiceDocument;
  readonly services: readonly ServiceDocument[];
};

/** Who serves chat by this name; throws where nobody does. */
export async function findTarget(model: string, registry: OpenRegistry): Promise<Target> {
  const query = new URLSearchParams({ model, kind: 'chat' });
  const answer = await registry.get(`/v1/cluster/routes/resolve?${query}`);
  if (answer.status === 404) throw await unknown(model, registry);
  const resolved = readResolution(registry.bodyOf(answer));
  if (resolved === undefined) throw noRegistry();
  if (resolved === null) {
    const message = `${visible(model)} is known, and nothing can serve it now`;
    const help = `\`/v1/cluster/routes/resolve?${query}\` of the registry says why`;
    throw new VllmdError('runtime', message, help);
  }
  const services = readServices(registry.bodyOf(await registry.get('/v1/cluster/services')));
  if (services === undefined) throw noRegistry();
  return { resolved, services };
}

function noRegistry(): VllmdError {
  const help = 'does a registry answer at this address, and one of this version?';
  return new VllmdError('runtime', 'the answer is none about routes and services', help);
}

const MOST_NAMES = 10;

async function unknown(model: string, registry: OpenRegistry): Promise<VllmdError> {
  const names = readModelNames(registry.bodyOf(await registry.get('/v1/models')));
  const message = `${visible(model)}: the registry knows no such role, model or service for chat`;
  return new VllmdError('notFound', message, known(model, names));
}

function known(model: string, names: readonly string[]): string {
  if (names.length === 0) return 'it knows none at all that could answer now';
  const near = nearest(model, names);
  if (near !== undefined) return `did you mean ${visible(near)}?`;
  const more = names.length > MOST_NAMES ? ' and more' : '';
  return `it knows ${names.slice(0, MOST_NAMES).map(visible).join(', ')}${more}`;
}
