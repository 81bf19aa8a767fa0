import type { Catalogue, RegisteredService } from '../catalogue.ts';
import type { RoleRow } from '../documents.ts';
import { hasLoaded } from './has-loaded.ts';
import { knownContext } from './known-context.ts';

/** Why a service that gets work gets none of a role; undefined where it does. */
export function roleMisfit(
  { row }: RegisteredService,
  { routing_policy: { require_loaded, min_context } }: RoleRow,
  catalogue: Catalogue,
): string | undefined {
  if (require_loaded && !hasLoaded(row)) return 'it has nothing loaded';
  if (min_context === null) return undefined;
  const context = knownContext(row, catalogue);
  return context === undefined || context >= min_context ? undefined : 'its context is too small';
}
