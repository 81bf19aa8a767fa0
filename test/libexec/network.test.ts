import { expect, test } from 'vitest';
import { FakeHost } from './script.ts';

const BRIDGE = 'vllmd-br0';

const nat = {
  VLLMD_NETWORK_MODE: 'nat',
  VLLMD_NETWORK_BRIDGE: BRIDGE,
  VLLMD_NETWORK_ADDRESS: '10.1.1.1',
  VLLMD_NETWORK_PREFIX_LENGTH: '24',
  VLLMD_NETWORK_SUBNET: '10.1.1.0/24',
  VLLMD_NETWORK_UPLINK: '',
};
const bridged = { VLLMD_NETWORK_MODE: 'bridge', VLLMD_NETWORK_BRIDGE: BRIDGE };

/** A host with a bridge that is up and has its address. */
class NetworkHost extends FakeHost {
  constructor() {
    super();
    this.file('/proc/sys/net/ipv4/ip_forward', '1');
    this.interface(BRIDGE, 'vllmd');
    this.directory(`/sys/class/net/${BRIDGE}/bridge`);
    this.program('nft');
    this.ip();
  }

  /** `body` for a call that attaches. */
  ip(body = ''): void {
    const address = `3: ${BRIDGE}    inet 10.1.1.1/24 scope global ${BRIDGE}`;
    this.program(
      'ip',
      `case "$*" in *'address show'*) echo '${address}' ;; *master*) :; ${body} ;; esac`,
    );
  }

  interface(name: string, alias: string, master?: string): void {
    this.file(`/sys/class/net/${name}/ifalias`, alias);
    this.file(`/sys/class/net/${name}/flags`, '0x1003');
    if (master !== undefined) this.realLink(`/sys/class/net/${name}/master`, `../${master}`);
  }

  attached(): readonly string[] {
    return this.calls().filter((call) => call.includes('master'));
  }
}

test.for([
  ['its own bridge', nat],
  ["somebody else's", bridged],
] as const)(
  'attaches the taps of running VMs to %s, wherever they were, and no other interface',
  async ([, env]) => {
    using host = new NetworkHost();
    host.interface('vllmd-tap1', 'vllmd runtime 1');
    host.interface('renamed', 'vllmd runtime 2', 'old-br0');
    host.interface('vllmd-tap3', 'vllmd runtime 3', BRIDGE);
    host.interface('vllmd-tap4', 'of an operator');
    host.interface('old-br0', 'vllmd');
    host.interface('eth0', '');
    expect(await host.run('network', ['up'], env)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(host.attached()).toEqual([
      `ip link set dev renamed master ${BRIDGE}`,
      `ip link set dev vllmd-tap1 master ${BRIDGE}`,
    ]);
  },
);

test('a tap that goes with its VM in this moment is no failure, one that stays alone is', async () => {
  using host = new NetworkHost();
  host.interface('vllmd-tap1', 'vllmd runtime 1');
  host.ip('rm -r ROOT/sys/class/net/vllmd-tap1; exit 1');
  expect(await host.run('network', ['up'], nat)).toMatchObject({ code: 0 });

  host.interface('vllmd-tap1', 'vllmd runtime 1');
  host.ip('exit 1');
  expect(await host.run('network', ['up'], nat)).toMatchObject({
    code: 1,
    stderr: `vllmd: ${BRIDGE}: cannot attach vllmd-tap1 of a running VM\n`,
  });
});
