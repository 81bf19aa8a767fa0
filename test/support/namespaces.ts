import { execFileSync } from 'node:child_process';
import { atEnd } from './ssh-host.ts';

export type Namespace = {
  /** Of the host, as the caller sees it. */
  readonly address: string;
  /** Where nobody is. */
  readonly nobody: string;
  /** Before a command that is to run on it. */
  readonly within: readonly string[];
  /** Takes the cable out. */
  readonly cut: () => void;
};

function ip(...args: readonly string[]): void {
  execFileSync('ip', [...args]);
}

/**
 * Hosts as network namespaces, each at the other end of a cable of its own, in addresses that are for tests (RFC 2544).
 * They share all else with this machine. Nothing of them is left after the tests of a file.
 */
export function namespaces(count: number): readonly Namespace[] {
  return Array.from({ length: count }, (_, index) => {
    const name = `vllmd-${process.pid}-${index}`;
    const here = `vl${process.pid}-${index}`;
    const there = `vr${process.pid}-${index}`;
    const net = `198.18.${process.pid % 256}`;
    // Of each eight addresses this machine has the first one and the host the second; nobody has the others.
    const first = index * 8 + 1;
    const address = `${net}.${first + 1}`;
    ip('netns', 'add', name);
    atEnd(() => ip('netns', 'del', name));
    ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', name);
    // A process that is left would keep it.
    atEnd(() => ip('link', 'del', here));
    ip('address', 'add', `${net}.${first}/29`, 'dev', here);
    ip('link', 'set', here, 'up');
    ip('-n', name, 'address', 'add', `${address}/29`, 'dev', there);
    ip('-n', name, 'link', 'set', there, 'up');
    ip('-n', name, 'link', 'set', 'lo', 'up');
    return {
      address,
      nobody: `${net}.${first + 2}`,
      within: ['ip', 'netns', 'exec', name],
      cut: () => ip('link', 'set', here, 'down'),
    };
  });
}
