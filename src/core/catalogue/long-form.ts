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
    title: `Refused in a VM definition: ${refused}.`,
    why: effectOf(entry),
    remedy: REMEDY,
    ...(source === undefined ? {} : { source }),
  };
}

const REMEDY =
  'vllmd writes the definition from the config. The message names the key of the definition and, at its arrow, the runtime; its help says what the key takes. If no value of the config leads to it, it is a bug of vllmd.';

function effectOf({ id, otherwise, when, since }: DefinitionExplanation): string {
  const [family] = id.split('-');
  if (family === 'C') {
    const versions = since === undefined ? '' : ` (${versionsOf(since)})`;
    const at = when === undefined ? '' : ` at ${when}`;
    return `cloud-hypervisor${versions} refuses it${at}: ${otherwise}. vllmd refuses it before anything is changed.`;
  }
  if (family !== 'R') return `${otherwise}.`;
  const at = when === undefined ? 'otherwise' : `otherwise, at ${when}`;
  return `cloud-hypervisor does not check it beforehand; ${at}: ${otherwise}.`;
}

/** `52` is from that version on, `51 only` is as it stands. */
function versionsOf(since: string): string {
  return since.endsWith('only') ? since : `from ${since} on`;
}
