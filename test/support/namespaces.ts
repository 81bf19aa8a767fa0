import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { atEnd } from './ssh-host.ts';

export type Namespace = {
  /** Of the host, as the caller sees it. */
  readonly address: string;
  /** Where nobody is. */
  readonly nobody: string;
  /** Before a command that is to run on it. */
  readonly within: readonly string[];
  /** Takes the cable out, at the host. */
  readonly cut: () => void;
  /** Puts it in again. */
  readonly plug: () => void;
  /** The arguments of each process there, but for those of the sshd that listens. */
  readonly processes: () => readonly string[];
};

function ip(...args: readonly string[]): string {
  return execFileSync('ip', [...args], { encoding: 'utf8' });
}

/** What runs there would start its servers outside of it, where this machine has a systemd. */
const WITHOUT_SYSTEMD =
  'if [ -d /run/systemd/system ]; then mount -t tmpfs none /run/systemd || exit; fi; exec "$@"';

let made = 0;

/**
 * Hosts as network namespaces, each at the other end of a cable of its own, in addresses that are for tests (RFC 2544).
 * They share all else with this machine. Nothing of them is left after the tests of a file.
 */
export function namespaces(count: number): readonly Namespace[] {
  return Array.from({ length: count }, () => {
    const index = made++;
    const name = `vllmd-${process.pid}-${index}`;
    const here = `vl${process.pid}-${index}`;
    const there = `vr${process.pid}-${index}`;
    const net = `198.18.${process.pid % 256}`;
    // Of each eight addresses this machine has the first one and the host the second; nobody has the others.
    const first = index * 8 + 1;
    const address = `${net}.${first + 1}`;
    ip('netns', 'add', name);
    const pids = () => ip('netns', 'pids', name).split('\n').filter(Boolean);
    atEnd(() => {
      for (const pid of pids()) tryTo(() => process.kill(Number(pid), 'SIGKILL'));
      ip('netns', 'del', name);
    });
    ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', name);
    // A process that is left for a moment would keep it.
    atEnd(() => ip('link', 'del', here));
    ip('address', 'add', `${net}.${first}/29`, 'dev', here);
    ip('link', 'set', here, 'up');
    ip('-n', name, 'address', 'add', `${address}/29`, 'dev', there);
    ip('-n', name, 'link', 'set', there, 'up');
    ip('-n', name, 'link', 'set', 'lo', 'up');
    return {
      address,
      nobody: `${net}.${first + 2}`,
      within: ['ip', 'netns', 'exec', name, 'sh', '-c', WITHOUT_SYSTEMD, 'sh'],
      cut: () => void ip('-n', name, 'link', 'set', there, 'down'),
      plug: () => void ip('-n', name, 'link', 'set', there, 'up'),
      processes: () => pids().flatMap(argumentsOf),
    };
  });
}

function argumentsOf(pid: string): readonly string[] {
  const text = tryTo(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')) ?? '';
  const words = text.split('\0').join(' ').trim();
  // Without any it has ended, and only its parent does not know yet.
  return words === '' || words.startsWith('sshd: /usr/sbin/sshd ') ? [] : [words];
}

/** With a process that may have ended since it was listed. */
function tryTo<Value>(call: () => Value): Value | undefined {
  try {
    return call();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}
