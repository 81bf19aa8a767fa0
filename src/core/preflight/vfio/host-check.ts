import type { Diagnostic } from '../../diagnostic.ts';
import type { VfioView } from './vfio-view.ts';

/** A promise about the devices of a host, kept before the first of them is touched. */
export type HostCheck = {
  readonly id: string;
  readonly check: (view: VfioView) => readonly Diagnostic[];
};
