import { isJsonObject } from '../../fleet/json-value.ts';
import type {
  AssetDocument,
  BenchmarkIngest,
  BenchmarkReport,
  BenchmarkSample,
  HealthSample,
  Heartbeat,
  HostDocument,
  JsonMap,
  MatchCandidate,
  MatchRequest,
  RequestPolicy,
  RoleDocument,
  ServiceDocument,
} from '../documents.ts';
import { decode } from './decode.ts';
import { depthProblem } from './depth.ts';
import type { Problem } from './problem.ts';
import { tables } from './tables.ts';

/** Every document by the key that wraps it in a file. */
export type Documents = {
  readonly host: HostDocument;
  readonly service: ServiceDocument;
  readonly heartbeat: Heartbeat;
  readonly asset: AssetDocument;
  readonly role: RoleDocument;
  readonly request_shape_policy: RequestPolicy;
  readonly health_sample: HealthSample;
  readonly benchmark_sample: BenchmarkSample;
  readonly route_match_request: MatchRequest;
  readonly route_match_candidate: WrittenCandidate;
  readonly benchmark_ingest_request: BenchmarkIngest;
  readonly benchmark_report: BenchmarkReport;
};

export type DocumentType = keyof Documents;

/** A candidate as somebody has written it down: of its role and its service there may be the ids alone. */
type WrittenCandidate = Omit<MatchCandidate, 'role' | 'service'> & {
  readonly role: ({ readonly role_id: string } & JsonMap) | null;
  readonly service: ({ readonly service_id: string } & JsonMap) | null;
};

export const documentTypes = Object.keys(tables) as readonly DocumentType[];

/** A complete document, or everything that is wrong with it. */
export type ReadDocument<Type extends DocumentType> =
  | { readonly ok: true; readonly value: Documents[Type] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Checks a bare document and fills in its defaults; keys that nobody knows are left out but in maps. */
export function readDocument<Type extends DocumentType>(
  type: Type,
  value: unknown,
): ReadDocument<Type> {
  const deep = depthProblem(value);
  if (deep !== undefined) return refuse(deep);
  const wrapper = wrapperOf(value);
  if (wrapper !== undefined) return refuse(wrapped(wrapper, value));
  const problems: Problem[] = [];
  const decoded = decode(value, tables[type], [], (problem) => {
    if (problems.length < MOST_PROBLEMS) problems.push(problem);
  });
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, value: decoded as unknown as Documents[Type] };
}

/** More would help nobody, and would make a large answer of a large list. */
const MOST_PROBLEMS = 100;

function refuse(problem: Problem): { readonly ok: false; readonly problems: readonly Problem[] } {
  return { ok: false, problems: [problem] };
}

function wrapped(wrapper: DocumentType, input: unknown): Problem {
  const msg = `Input should be bare: send what is below \`${wrapper}\`, without that key`;
  return { type: 'value_error', loc: [wrapper], msg, input };
}

/** The type that an object with nothing but one wrapper key says it is. */
export function wrapperOf(value: unknown): DocumentType | undefined {
  if (!isJsonObject(value)) return undefined;
  const [key, ...others] = Object.keys(value);
  if (key === undefined || others.length > 0 || !isJsonObject(value[key])) return undefined;
  return documentTypes.find((type) => type === key);
}

/** The document in a file, which may have the wrapper key of its type or not. */
export function unwrapped(value: unknown, type: DocumentType): unknown {
  return isJsonObject(value) && wrapperOf(value) === type ? value[type] : value;
}
