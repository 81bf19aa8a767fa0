import { isJsonObject, type JsonObject, ownValue } from '../../fleet/json-value.ts';
import { wrapperOf } from '../read/read-document.ts';
import { type FileType, fileTypes } from './file-types.ts';

/** What a document is by its wrapper key or by its own keys; undefined where it could be several things, or nothing. */
export function fileTypeOf(value: unknown): FileType | undefined {
  if (Array.isArray(value)) return value.some(isRole) ? 'roles' : undefined;
  if (!isJsonObject(value)) return undefined;
  const wrapper = wrapperOf(value);
  if (wrapper !== undefined) return wrapper === 'heartbeat' ? undefined : wrapper;
  if (isInventory(value)) return 'inventory';
  const counts = fileTypes.map((type) => ({ type, count: markCount(value, type) }));
  const most = Math.max(...counts.map(({ count }) => count));
  if (most === 0) return samplesType(value);
  const [found, ...others] = counts.filter(({ count }) => count === most);
  return others.length > 0 ? undefined : found?.type;
}

function isRole(item: unknown): boolean {
  return isJsonObject(item) && (markCount(item, 'role') > 0 || wrapperOf(item) === 'role');
}

/** Its host is beside its services, where that of a document is around them. */
function isInventory(value: JsonObject): boolean {
  return isJsonObject(ownValue(value, 'host')) && Array.isArray(ownValue(value, 'services'));
}

function markCount(value: JsonObject, type: FileType): number {
  return marks[type].filter((key) => Object.hasOwn(value, key)).length;
}

/** Keys that nothing else has. */
const marks: Readonly<Record<FileType, readonly string[]>> = {
  host: ['address', 'labels', 'capabilities', 'resources', 'services'],
  service: ['endpoint', 'protocol', 'runtime', 'assets', 'observed'],
  asset: ['locator', 'family', 'format'],
  role: ['role_id', 'prompt_policy', 'routing_policy'],
  request_shape_policy: ['body_defaults', 'system_prompt', 'system_prompt_position'],
  health_sample: ['sample_id', 'target_id', 'target_type', 'checks'],
  benchmark_sample: ['benchmark_id', 'results'],
  route_match_request: ['task', 'tasks', 'workloads', 'include_direct_services'],
  route_match_candidate: ['candidate_id', 'candidate_type', 'signals', 'score', 'reasons'],
  benchmark_ingest_request: [],
  benchmark_report: ['report_id', 'source'],
  roles: ['roles'],
  control: ['server', 'storage', 'routing', 'limits', 'audit_log', 'roles_path'],
  // Told by how its keys go together.
  inventory: [],
};

/** Samples alone are a report but where each of them has what only the registry needs. */
function samplesType(value: JsonObject): FileType | undefined {
  const samples = ownValue(value, 'samples');
  if (!Array.isArray(samples)) {
    return isJsonObject(ownValue(value, 'auth')) ? 'control' : undefined;
  }
  const isComplete =
    ownValue(value, 'observed_at') === undefined &&
    samples.length > 0 &&
    samples.every((one) => isJsonObject(one) && ownValue(one, 'benchmark_id') !== undefined);
  return isComplete ? 'benchmark_ingest_request' : 'benchmark_report';
}
