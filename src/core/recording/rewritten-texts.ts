import type { Known } from './known.ts';
import { reduceGroup, reduceNsswitch, reducePasswd } from './reduce-accounts.ts';
import {
  reduceCommandLine,
  reduceCpuinfo,
  reduceDeviceMapperName,
  reduceInterrupts,
  reduceMaps,
  reduceModules,
  reduceMountinfo,
  reducePciIds,
  reduceRoutes,
} from './reduce-kernel.ts';
import { reduceManifest } from './reduce-manifest.ts';

type Rewrite = (text: string, known: Known) => string | undefined;

/** An id that no machine has: what follows from it, UUIDs and MAC addresses of guests, is not that of the host. */
const NO_MACHINE_ID = '0'.repeat(32);

/** Files of which a recording has a text made from theirs. */
const table: readonly (readonly [RegExp, Rewrite])[] = [
  [/^\/proc\/cmdline$/, reduceCommandLine],
  [/^\/proc\/cpuinfo$/, reduceCpuinfo],
  [/^\/proc\/interrupts$/, reduceInterrupts],
  [/^\/proc\/modules$/, reduceModules],
  [/^\/proc\/(?:self|1)\/mountinfo$/, reduceMountinfo],
  [/^\/proc\/net\/route$/, reduceRoutes],
  [/^\/proc\/\d+\/maps$/, reduceMaps],
  [/^\/sys\/class\/block\/[\w-]{1,32}\/dm\/name$/, reduceDeviceMapperName],
  [/^\/usr\/share\/(?:misc|hwdata)\/pci\.ids$/, reducePciIds],
  [/^\/etc\/passwd$/, reducePasswd],
  [/^\/etc\/group$/, reduceGroup],
  // authselect keeps it in a folder of its own.
  [/^\/etc\/(?:authselect\/)?nsswitch\.conf$/, reduceNsswitch],
  [/^\/etc\/machine-id$/, () => `${NO_MACHINE_ID}\n`],
  [/^\/var\/lib\/vllmd\/install\/manifest\.json$/, reduceManifest],
];

export function rewrittenText(path: string, text: string, known: Known): string | undefined {
  return table.find(([pattern]) => pattern.test(path))?.[1](text, known);
}
