import type { RoutingView } from '../../../core/hive/routing/view.ts';
import type { Hive } from './hive.ts';

/** What is registered, at this moment. */
export function viewOf({ registry, options }: Pick<Hive, 'registry' | 'options'>): RoutingView {
  return { catalogue: registry.catalogue(), nowS: registry.nowS(), options: options.routing };
}
