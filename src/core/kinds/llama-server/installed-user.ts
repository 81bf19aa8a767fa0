import { installedMembers } from '../../plan/installed.ts';
import type { Manifest } from '../../plan/manifest.ts';
import type { Observed } from '../../plan/observed.ts';
import { memberDropIn } from '../../resolve/member.ts';

/** The account that the last install was given with --user, as the first drop-in that is there has it. */
export function installedUser(
  manifest: Manifest,
  entries: Observed['entries'],
): string | undefined {
  for (const { index } of installedMembers(manifest, entries)) {
    const entry = entries.get(memberDropIn(index));
    if (entry?.type !== 'file') continue;
    if (/^DynamicUser=yes$/m.test(entry.text)) return undefined;
    const user = /^User=(.+)$/m.exec(entry.text)?.[1];
    return user?.replaceAll('%%', '%');
  }
  return undefined;
}
