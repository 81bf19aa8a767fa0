import { existsSync, readFileSync } from 'node:fs';

const file = new URL('../../../../shared/data/geniehive-pure.json', import.meta.url);

/** Whether the recorded cases are beside the checkout; they are not part of it. */
export const hasRecorded = existsSync(file);

/** The recorded cases of a group. */
export function recorded<Case>(group: string): readonly Case[] {
  return hasRecorded ? JSON.parse(readFileSync(file, 'utf8'))[group] : [];
}
