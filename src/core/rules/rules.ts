import type { TomlTree } from '../config/toml-tree.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { bootPayload } from './boot-payload.ts';
import { bridgeNotUplink } from './bridge-not-uplink.ts';
import { dirsDiffer } from './dirs-differ.ts';
import { draftOf } from './draft.ts';
import { gpuAssignedOnce } from './gpu-assigned-once.ts';
import { gpuFunctionsTogether } from './gpu-functions-together.ts';
import { guestKeysSyntax } from './guest-keys-syntax.ts';
import { hiveAddressSyntax } from './hive-address-syntax.ts';
import { hiveUrlSyntax } from './hive-url-syntax.ts';
import { hostnameLength } from './hostname-length.ts';
import { indexUnique } from './index-unique.ts';
import { interfaceNameLength } from './interface-name-length.ts';
import { interfaceNotTap } from './interface-not-tap.ts';
import { macUnicast } from './mac-unicast.ts';
import { macUnique } from './mac-unique.ts';
import { nameServerSyntax } from './name-server-syntax.ts';
import { nameUnique } from './name-unique.ts';
import { networkModeKeys } from './network-mode-keys.ts';
import { noControlCharacters } from './no-control-characters.ts';
import { noPrivateKey } from './no-private-key.ts';
import { pathCharacters } from './path-characters.ts';
import { pathSyntax } from './path-syntax.ts';
import type { Rule } from './rule.ts';
import { subnetFits } from './subnet-fits.ts';
import { subnetSyntax } from './subnet-syntax.ts';
import { userNotRoot } from './user-not-root.ts';

export const rules: readonly Rule[] = [
  bootPayload,
  bridgeNotUplink,
  dirsDiffer,
  gpuAssignedOnce,
  gpuFunctionsTogether,
  guestKeysSyntax,
  hiveAddressSyntax,
  hiveUrlSyntax,
  hostnameLength,
  indexUnique,
  interfaceNameLength,
  interfaceNotTap,
  macUnicast,
  macUnique,
  nameServerSyntax,
  nameUnique,
  networkModeKeys,
  noControlCharacters,
  noPrivateKey,
  pathCharacters,
  pathSyntax,
  subnetFits,
  subnetSyntax,
  userNotRoot,
];

/** Every broken rule; a tree that the schema refuses is checked as far as it is well formed. */
export function checkRules(tree: TomlTree): readonly Diagnostic[] {
  const draft = draftOf(tree);
  return rules.flatMap(({ check }) => check(draft));
}
