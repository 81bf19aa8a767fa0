import type { Artefact, FileArtefact, LinkArtefact } from '../render/artefact.ts';
import { contextOf, type Materials } from '../render/materials.ts';
import { renderScope } from '../render/render.ts';
import type { Desired } from '../resolve/desired.ts';
import { resolve } from '../resolve/resolve.ts';

/** An artefact that has text. */
export type TextArtefact = FileArtefact | LinkArtefact;

/** A part of what a config makes: what runtimes share, one runtime's own, or everything. */
export type Scope =
  | { readonly kind: 'host' }
  /** With another index it is still the same table. */
  | { readonly kind: 'runtime'; readonly index: number; readonly source: string }
  | { readonly kind: 'all' };

export function scopeOf({ group, source }: Artefact): Scope {
  return typeof group === 'number' ? { kind: 'runtime', index: group, source } : { kind: 'host' };
}

/** What these materials make, in the order in which it is made. */
export function textsOf(scope: Scope, materials: Materials): readonly TextArtefact[] {
  return rendererFor(scope, materials)(materials);
}

/** The same for many materials, most of which have a config or a host in common with `base`. */
export function rendererFor(
  scope: Scope,
  base: Materials,
): (materials: Materials) => readonly TextArtefact[] {
  const known = desiredOf(scope, base);
  const knownText = JSON.stringify(known);
  const made = textsFor(scope, known, base);
  return (materials) => {
    const { input, account, machineId } = materials;
    const isSame = input === base.input && account === base.account && machineId === base.machineId;
    const desired = isSame ? known : desiredOf(scope, materials);
    const isAsKnown = isSame || JSON.stringify(desired) === knownText;
    return isAsKnown && hasSameHost(materials, base) ? made : textsFor(scope, desired, materials);
  };
}

function textsFor(scope: Scope, desired: Desired, materials: Materials): readonly TextArtefact[] {
  const kinds = scope.kind === 'all' ? (['host', 'runtime'] as const) : [scope.kind];
  const context = contextOf(desired, materials);
  return kinds.flatMap((kind) => renderScope(kind, desired, context)).filter(hasText);
}

/** All that a context is made of besides what is desired. */
function hasSameHost(a: Materials, b: Materials): boolean {
  return (
    a.facts === b.facts &&
    a.recorded === b.recorded &&
    a.userData === b.userData &&
    a.llama === b.llama
  );
}

/** The files of a runtime and its placement follow from no other runtime, so the others need not be made. */
function desiredOf(scope: Scope, { input, account, machineId }: Materials): Desired {
  return resolve(
    input,
    account,
    machineId,
    scope.kind === 'runtime'
      ? (index, source) => index === scope.index || source === scope.source
      : undefined,
  );
}

function hasText(artefact: Artefact): artefact is TextArtefact {
  return artefact.type !== 'directory';
}

/** A link has one line: where it leads. */
export function linesOf(artefact: TextArtefact): readonly string[] {
  if (artefact.type === 'link') return [`-> ${artefact.target}`];
  const lines = artefact.text.split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}
