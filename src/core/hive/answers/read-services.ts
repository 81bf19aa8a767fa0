import { isJsonObject, ownValue } from '../../fleet/json-value.ts';
import type { ServiceDocument } from '../documents.ts';
import { readDocument } from '../read/read-document.ts';

/** The service that a registry has resolved a name to, null where none can serve it; undefined where it is no such answer. */
export function readResolution(body: unknown): ServiceDocument | null | undefined {
  const resolution = isJsonObject(body) ? ownValue(body, 'resolution') : undefined;
  if (!isJsonObject(resolution) || !Object.hasOwn(resolution, 'service')) return undefined;
  const { service } = resolution;
  if (service === null) return null;
  const read = readDocument('service', service);
  return read.ok ? read.value : undefined;
}

/** The services that a registry lists; undefined where it is no such answer. */
export function readServices(body: unknown): readonly ServiceDocument[] | undefined {
  const read = listIn(body)?.map((row) => readDocument('service', row));
  return read?.every((one) => one.ok) ? read.map(({ value }) => value) : undefined;
}

/** The names that a registry lists as models; none where it is no such answer. */
export function readModelNames(body: unknown): readonly string[] {
  return (listIn(body) ?? []).flatMap((row) => {
    const id = isJsonObject(row) ? ownValue(row, 'id') : undefined;
    return typeof id === 'string' ? [id] : [];
  });
}

function listIn(body: unknown): readonly unknown[] | undefined {
  const data = isJsonObject(body) ? ownValue(body, 'data') : undefined;
  return Array.isArray(data) ? data : undefined;
}
