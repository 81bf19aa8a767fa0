import { UNIT_PATH } from '../plan/drop-ins.ts';

/** What a name says never changes: a recording of another version of vllmd is read with it. */
const filters = {
  /** Of devices, interfaces, CPUs: whatever is short, and no key, MAC address (enx…) or UUID (a mediated device). */
  kernel: /^(?!.*[\da-fA-F]{12})(?!.*[\da-fA-F]{8}-[\da-fA-F]{4}-)[\w.:@+-]{1,48}$/,
  numbers: /^\d{1,10}$/,
  nodes: /^(?:nvidia[\w-]{0,16}|dri|vfio|kfd|kvm|infiniband)$/,
  /** What an install makes or looks at. */
  own: /^(?:(?:\d\d-)?vllmd[\w@.:-]{0,64}|service\.d|runtime-\d{1,5}[\w.]{0,12}|cloud-init|meta-data|network-config|user-data|vendor-data|disk\.raw[\w.]{0,8}|seed\.img)$/,
  dropIns: /^[\w@.:+-]{1,48}\.conf$/,
} as const satisfies Readonly<Record<string, RegExp>>;

export type NameFilter = keyof typeof filters;

/** Which of the names in a directory go into a recording. */
export function filterFor(path: string): NameFilter {
  if (/^\/sys\//.test(path)) return 'kernel';
  if (/^\/proc(?:\/\d+\/fd)?$/.test(path)) return 'numbers';
  if (path === '/dev') return 'nodes';
  const isOfUnit = UNIT_PATH.some((place) => path.startsWith(`${place}/`));
  return isOfUnit && path.endsWith('.d') ? 'dropIns' : 'own';
}

/** Whether such a recording would have this name, if it were there. */
export function passes(filter: string | undefined, name: string): boolean {
  if (filter === undefined) return true;
  return isFilter(filter) && filters[filter].test(name);
}

function isFilter(name: string): name is NameFilter {
  return Object.hasOwn(filters, name);
}
