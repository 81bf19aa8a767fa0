import type { Json, RoleRow, ServiceRow } from '../documents.ts';
import { tokensOf } from './tokens.ts';

const roles = new WeakMap<RoleRow, ReadonlySet<string>>();
const services = new WeakMap<ServiceRow, ReadonlySet<string>>();

/** The words that describe a role. */
export function roleTokens(role: RoleRow): ReadonlySet<string> {
  const known = roles.get(role);
  if (known !== undefined) return known;
  const { role_id, display_name, description, prompt_policy, routing_policy } = role;
  const tokens = tokensOf(
    role_id,
    display_name ?? '',
    description ?? '',
    prompt_policy.system_prompt ?? '',
    ...routing_policy.preferred_families,
    ...routing_policy.preferred_labels,
  );
  roles.set(role, tokens);
  return tokens;
}

/** The words that describe a service; the keys of its runtime are among them. */
export function serviceTokens(service: ServiceRow): ReadonlySet<string> {
  const known = services.get(service);
  if (known !== undefined) return known;
  const { service_id, host_id, assets, runtime } = service;
  const tokens = tokensOf(
    service_id,
    host_id,
    ...assets.map(({ asset_id }) => asset_id),
    ...Object.entries(runtime)
      .filter(([, value]) => saysSomething(value))
      .map(entryText),
  );
  services.set(service, tokens);
  return tokens;
}

function saysSomething(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return Boolean(value);
  return Object.keys(value).length > 0;
}

function entryText([key, value]: readonly [string, Json]): string {
  return `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`;
}
