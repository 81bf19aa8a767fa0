import type { DefinitionExplanation, Explanation, RuleExplanation } from './explanation.ts';

/** What is said of any rule. */
export type LongForm = Omit<RuleExplanation, 'kind'>;

/** One row of a table in sentences. */
export function longForm(entry: Explanation): LongForm {
  if (entry.kind === 'rule') {
    const { kind, ...rest } = entry;
    return rest;
  }
  const { id, area, refused, source } = entry;
  return {
    id,
    area,
    title: `${isApplied(entry) ? 'Refused' : 'Wrong'} in a VM definition: ${refused}.`,
    why: effectOf(entry),
    remedy: remedyOf(entry),
    ...(source === undefined ? {} : { source }),
  };
}

/** Whether an install can find it, as a whole or in part. */
function isApplied({ inInstall }: DefinitionExplanation): boolean {
  return inInstall === undefined || inInstall.startsWith('in part: ');
}

function effectOf(entry: DefinitionExplanation): string {
  const { id, otherwise, when, since } = entry;
  const [family] = id.split('-');
  if (family === 'C') {
    const versions = since === undefined ? '' : ` (${versionsOf(since)})`;
    const at = when === undefined ? '' : ` at ${when}`;
    const refusal = `cloud-hypervisor${versions} refuses it${at}: ${otherwise}.`;
    return isApplied(entry) ? `${refusal} vllmd refuses it before anything is changed.` : refusal;
  }
  if (family !== 'R') return `${otherwise}.`;
  const at = when === undefined ? 'otherwise' : `otherwise, at ${when}`;
  return `cloud-hypervisor does not check it beforehand; ${at}: ${otherwise}.`;
}

/** `52` is from that version on, `51 only` is as it stands. */
function versionsOf(since: string): string {
  return since.endsWith('only') ? since : `from ${since} on`;
}

const REMEDY =
  'vllmd makes the definition from the config and the host. The message names the key of the definition and, at its arrow, the runtime; its help says what the key takes. If no value of the config and nothing about the host leads to it, it is a bug of vllmd.';

function remedyOf({ inInstall }: DefinitionExplanation): string {
  if (inInstall === undefined) return REMEDY;
  const [, extent, reason] = /^(no|in part): (.*)$/.exec(inInstall) ?? [];
  if (extent === 'in part') return `${REMEDY} An install applies this rule in part: ${reason}.`;
  return extent === 'no'
    ? `an install does not apply this rule: ${reason}. Where a VM does not start for it, \`journalctl -u vllmd-runtime@N\` says so.`
    : `an install does not tell of this rule: it looks at the same thing by ${inInstall}, see there.`;
}
