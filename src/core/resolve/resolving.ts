import type { ConfigInput } from '../config/config-input.gen.ts';
import { expandPath } from '../config/expand-path.ts';
import type { Subnet } from './addresses.ts';
import type { Account } from './desired.ts';

export type RuntimeInput = NonNullable<ConfigInput['runtimes']>[number];

/** What is the same for all runtimes of a file. */
export type Resolving = {
  readonly input: ConfigInput;
  readonly account: Account;
  /** Of machine-id(5); '' where it cannot be read. */
  readonly machineId: string;
  readonly subnet: Subnet;
};

/** `//a//b/` and `/a/b` are one path. */
export function path(text: string, account: Account): string {
  const expanded = expandPath(text, {
    home: account.home,
    user: account.name,
    xdgConfigHome: `${account.home}/.config`,
    xdgStateHome: `${account.home}/.local/state`,
  });
  const parts = expanded.split('/').filter((part) => part !== '' && part !== '.');
  return `/${parts.join('/')}`;
}
