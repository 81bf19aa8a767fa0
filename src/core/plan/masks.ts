import { isVendorData, UNIT_DIR } from '../resolve/layout.ts';
import { type Member, memberTemplate, memberUnit } from '../resolve/member.ts';
import type { Choices } from './choices.ts';
import type { Comparison } from './comparison.ts';
import { absent, isMask, type Observed } from './observed.ts';

/** `where` is '' when only systemd says so. */
export type Mask = { readonly unit: string; readonly where: string };

/** Where `systemctl mask` puts its link, and where `systemctl mask --runtime` does. */
export function maskPaths(index: Member): readonly [string, string] {
  const unit = memberUnit(index);
  return [`${UNIT_DIR}/${unit}`, `/run/systemd/system/${unit}`];
}

/** The mask of one member; that of the template, which is the mask of all, is a path of its own. */
export function maskOf(index: Member, observed: Observed): Mask | undefined {
  const unit = memberUnit(index);
  const where = maskPaths(index).find((path) => isMask(observed.entries.get(path)));
  if (where !== undefined) return { unit, where };
  const template = observed.entries.get(memberTemplate(index));
  const saysSystemd = observed.units.get(unit)?.loadState === 'masked' && !isMask(template);
  return saysSystemd ? { unit, where: '' } : undefined;
}

export type Masks = {
  /** Units that are left alone. */
  readonly masked: ReadonlySet<string>;
  /** Units that are masked until this install. */
  readonly unmasked: ReadonlySet<string>;
};

/** A mask is respected; in the way of a change it has to be lifted by the operator, or with his word. */
export function addMasks(
  indices: readonly Member[],
  observed: Observed,
  choices: Choices,
  result: Comparison,
): Masks {
  const masked = new Set<string>();
  const unmasked = new Set<string>();
  for (const index of indices) {
    const mask = maskOf(index, observed);
    if (mask === undefined) continue;
    if (choices.unmask && mask.where === maskPaths(index)[0]) {
      unmasked.add(mask.unit);
      lift(index, mask.where, observed, result);
      continue;
    }
    masked.add(mask.unit);
    if (result.changes.some((change) => isStartRelevant(change, index))) {
      refuse(index, mask, observed, result);
    }
  }
  return { masked, unmasked };
}

function isStartRelevant(change: Comparison['changes'][number], index: Member): boolean {
  const { verb, group, path, after } = change;
  const isWritten = verb === 'create' || verb === 'update';
  if (!isWritten || group !== index || after?.type !== 'file') return false;
  return after.kind !== 'cloud-init' || isVendorData(path);
}

function lift(index: Member, path: string, observed: Observed, result: Comparison): void {
  result.changes.push({
    verb: 'delete',
    type: 'link',
    path,
    group: index,
    reason: 'unmasked',
    before: observed.entries.get(path) ?? absent,
    sensitive: false,
  });
}

function refuse(index: Member, mask: Mask, observed: Observed, result: Comparison): void {
  const [lasting, untilReboot] = maskPaths(index);
  const path = mask.where || lasting;
  const lifted =
    path === untilReboot
      ? `\`sudo systemctl unmask --runtime ${mask.unit}\` lifts that`
      : `\`sudo systemctl unmask ${mask.unit}\` or --unmask lifts that`;
  result.conflicts.push({
    kind: 'masked',
    path,
    detail: `the runtime is masked, and the config changes it; ${lifted}`,
    actual: observed.entries.get(path) ?? absent,
    sensitive: false,
  });
}
