import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export type Lan = {
  /** Before a command of the controller. */
  readonly within: readonly string[];
  readonly hosts: readonly LanHost[];
  readonly remove: () => void;
};

type LanHost = {
  readonly address: string;
  /** Its network, which a container can run in. */
  readonly namespace: string;
};

/** Of addresses that are for tests (RFC 2544). No other namespace has a way there, so any two of these can be the same. */
const NET = '198.18.0';

/** A controller and hosts behind one bridge, each in a network namespace of its own. Nothing leads out of these. */
export function makeLan(count: number): Lan {
  const controller = `vllmd-ansible-${process.pid}`;
  const names = Array.from({ length: count }, (_, index) => `${controller}-${index + 1}`);
  const remove = () => {
    for (const name of [controller, ...names]) {
      for (const pid of ip('netns', 'pids', name).split('\n').filter(Boolean)) end(Number(pid));
      ip('netns', 'del', name);
    }
  };
  for (const name of [controller, ...names]) {
    ip('netns', 'add', name);
    ip('-n', name, 'link', 'set', 'lo', 'up');
  }
  ip('-n', controller, 'link', 'add', 'lan', 'type', 'bridge');
  ip('-n', controller, 'address', 'add', `${NET}.1/24`, 'dev', 'lan');
  ip('-n', controller, 'link', 'set', 'lan', 'up');
  const hosts = names.map((name, index) => {
    const [port, address] = [`host${index + 1}`, `${NET}.${index + 11}`];
    ip(
      '-n',
      controller,
      'link',
      'add',
      port,
      'type',
      'veth',
      'peer',
      'name',
      'lan0',
      'netns',
      name,
    );
    ip('-n', controller, 'link', 'set', port, 'master', 'lan', 'up');
    ip('-n', name, 'address', 'add', `${address}/24`, 'dev', 'lan0');
    ip('-n', name, 'link', 'set', 'lan0', 'up');
    return { address, namespace: `/run/netns/${name}` };
  });
  return { within: ['ip', 'netns', 'exec', controller], hosts, remove };
}

function ip(...args: readonly string[]): string {
  return execFileSync('ip', [...args], { encoding: 'utf8' });
}

/** Connections that ssh keeps open, and what a run that was cut off has left; a container has ended before. */
function end(pid: number): void {
  try {
    process.stderr.write(`# ends ${readFileSync(`/proc/${pid}/comm`, 'utf8')}`);
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ENOENT' && code !== 'ESRCH') throw error;
  }
}
