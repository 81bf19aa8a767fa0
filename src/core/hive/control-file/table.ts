import { strategies } from '../catalogue.ts';
import { networkIn } from '../read/addresses.ts';
import { type Field, type ObjectShape, orNull, withDefault } from '../read/field.ts';
import type { Loc, Tell } from '../read/problem.ts';
import { checkKeys } from './keys.ts';

const boolean = { kind: 'boolean' } as const;
const line = { kind: 'line' } as const;
const seconds = { kind: 'number', least: 0.001, most: 86_400 } as const;
const bytes = { kind: 'integer', least: 1024, most: 2 ** 30 } as const;
const keys: Field = { kind: 'list', of: line, default: [], check: checkKeys };

function part(fields: ObjectShape['fields']): Field {
  return { kind: 'object', fields, default: {} };
}

/** An entry that is more than a key. */
export const nodeKeyShape: ObjectShape = {
  kind: 'object',
  fields: {
    key: line,
    key_id: orNull({ kind: 'id' }),
    host_ids: orNull({ kind: 'list', of: { kind: 'id' } }),
  },
};

/** What stands where in `control.yaml`. */
export const controlTable: ObjectShape = {
  kind: 'object',
  fields: {
    server: part({
      host: withDefault({ kind: 'id' }, '127.0.0.1'),
      // With 0 the system chooses one.
      port: withDefault({ kind: 'integer', least: 0, most: 65_535 }, 8800),
      drain_delay_s: withDefault({ ...seconds, least: 0 }, 0),
    }),
    auth: part({
      client_api_keys: keys,
      node_api_keys: {
        ...{ kind: 'list', default: [], check: checkKeys },
        of: { kind: 'line-or', object: nodeKeyShape },
      },
      benchmark_api_keys: keys,
      allow_open: withDefault(boolean, false),
    }),
    storage: part({ sqlite_path: orNull({ kind: 'id' }) }),
    routing: part({
      health_stale_after_s: withDefault(seconds, 30),
      default_strategy: withDefault({ kind: 'choice', values: strategies }, 'scored'),
      profile: withDefault({ kind: 'choice', values: ['v1', 'v2'] }, 'v1'),
      fail_open: withDefault(boolean, false),
      benchmark_max_age_s: orNull({ kind: 'number', least: 0 }),
      retries: withDefault({ kind: 'integer', least: 0, most: 10 }, 1),
      allow_networks: { kind: 'list', of: line, default: [], check: checkNetworks },
      allow_any_endpoint: withDefault(boolean, false),
    }),
    limits: part({
      body_bytes: withDefault(bytes, 10 * 2 ** 20),
      audio_bytes: withDefault(bytes, 25 * 2 ** 20),
      connect_timeout_s: withDefault(seconds, 10),
      read_timeout_s: withDefault(seconds, 600),
      drain_timeout_s: withDefault({ ...seconds, least: 0 }, 30),
    }),
    audit_log: orNull({ kind: 'id' }),
    roles_path: orNull({ kind: 'id' }),
  },
};

function checkNetworks(value: unknown, loc: Loc, tell: Tell): void {
  for (const [index, item] of (Array.isArray(value) ? value : []).entries()) {
    if (typeof item !== 'string' || networkIn(item) !== undefined) continue;
    const msg = 'Input should be a network such as 10.0.0.0/8 or fd00::/8, or one address';
    tell({ type: 'value_error', loc: [...loc, index], msg, input: item });
  }
}
