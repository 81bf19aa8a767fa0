import type { Known } from './known.ts';

/** Name, number, group and home of the accounts that matter. */
export function reducePasswd(text: string, { accounts }: Known): string {
  return lines(text, ([name = '', , uid = '', gid = '', , home = '']) =>
    accounts.has(name) ? `${name}:x:${uid}:${gid}::${home}:` : undefined,
  );
}

/** The groups that matter, with those members that matter. */
export function reduceGroup(text: string, { accounts, groupIds }: Known): string {
  return lines(text, ([name = '', , gid = '', members = '']) => {
    const kept = members.split(',').filter((member) => accounts.has(member));
    const isKept = name === 'kvm' || groupIds.has(gid) || kept.length > 0;
    return isKept ? `${name}:x:${gid}:${kept.join(',')}` : undefined;
  });
}

function lines(text: string, reduce: (fields: readonly string[]) => string | undefined): string {
  const kept = text.split('\n').flatMap((line) => reduce(line.split(':')) ?? []);
  return kept.map((line) => `${line}\n`).join('');
}

/** The accounts that a recording has are not all: `getent` is asked for another one, and says what is known of it. */
export function reduceNsswitch(): string {
  return 'passwd: files recording\n';
}
