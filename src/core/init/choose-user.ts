import { patternInWords } from '../config/allowed-values.ts';
import { configPatterns } from '../config/config-input.gen.ts';
import { assumedUser, type LocalAccount } from '../facts/accounts.ts';
import type { ProposedUser } from './proposal.ts';

/** Who is asked about first: what the documentation makes, then people. */
const OWN_NAMES = [assumedUser, 'vllmd'];
/** Of login.defs(5), as distributions have it: accounts of people. */
const FIRST_PERSON = 1000;
const LAST_PERSON = 59_999;
const NAME = new RegExp(configPatterns.global.user);

export type Invoker = {
  /** Of --user. */
  readonly asked: string | undefined;
  /** The one who has typed sudo. */
  readonly sudoUser: string | undefined;
  readonly uid: number;
  /** The accounts are those of a recording, which has only some of them. */
  readonly isRecorded: boolean;
};

/** The account that VMs run as: an own one, who calls vllmd, any person of the host, or one that is still to be made. */
export function chooseUser(
  accounts: readonly LocalAccount[],
  { asked, sudoUser, uid, isRecorded }: Invoker,
): ProposedUser {
  const named = (name: string | undefined) => accounts.find((account) => account.name === name);
  if (asked !== undefined) {
    const isTold = !isRecorded || asked === assumedUser;
    const exists = named(asked) !== undefined || (isTold ? false : undefined);
    return { name: asked, exists, why: 'asked for' };
  }
  const suitable = (account: LocalAccount | undefined) =>
    account !== undefined && canRunVms(account) ? [account] : [];
  const people = accounts.filter((one) => one.uid >= FIRST_PERSON && one.uid <= LAST_PERSON);
  const [found] = [
    ...OWN_NAMES.flatMap((name) => choice(suitable(named(name)), 'made for this, by its name')),
    ...choice(suitable(named(sudoUser)), 'who called sudo'),
    ...choice(suitable(accounts.find((one) => one.uid === uid)), 'who called vllmd'),
    ...people.flatMap((one) => choice(suitable(one), 'the first account of a person here')),
  ];
  const why = isRecorded
    ? 'no other account of the recording fits'
    : 'no other account of this host fits';
  return found ?? { name: assumedUser, exists: false, why };
}

/** root must not, and what has no home by convention (`nobody`) has nowhere to keep state. */
function canRunVms({ name, uid, home }: LocalAccount): boolean {
  return uid !== 0 && isUserName(name) && !['', '/', '/nonexistent'].includes(home);
}

function choice(accounts: readonly LocalAccount[], why: string): readonly ProposedUser[] {
  return accounts.map(({ name }) => ({ name, exists: true, why }));
}

/** What the config takes as a name; root is none. */
function isUserName(name: string): boolean {
  return userNameProblem(name) === undefined;
}

/** Why the config does not take it; undefined where it does. */
export function userNameProblem(name: string): string | undefined {
  if (name === 'root') return 'virtual machines must not run as root: name another account';
  return NAME.test(name) ? undefined : `it must be ${patternInWords.get('global.user')}`;
}
