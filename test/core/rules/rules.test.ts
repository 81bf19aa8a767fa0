import { expect, test } from 'vitest';
import type { TomlTree, TomlValue } from '../../../src/core/config/toml-tree.ts';
import { macAddress } from '../../../src/core/resolve/addresses.ts';
import { checkRules, rules } from '../../../src/core/rules/rules.ts';

/** `rule pointer: message` of everything that is broken. */
function broken(tree: TomlTree): readonly string[] {
  return checkRules(tree).map(({ rule, pointer, message }) => `${rule} ${pointer}: ${message}`);
}

function runtimes(...list: readonly TomlValue[]): TomlTree {
  return { runtimes: list };
}

test('lists the rules once, in order', () => {
  const ids = rules.map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)].sort());
});

test('has nothing to say about a tree without any of the keys', () => {
  expect(broken({})).toEqual([]);
  expect(broken({ global: 1, runtimes: 'x', network: [] })).toEqual([]);
  expect(
    broken(runtimes(1, {}, { index: 'a', name: 1, gpus: 1 }, { gpus: [1, 'x', 'x'] })),
  ).toEqual([]);
});

test('index-unique: names the first runtime with the same index', () => {
  const tree = runtimes({ index: 1, name: 'a' }, { index: 2 }, { index: 1 }, { index: 1 });
  expect(broken(tree)).toEqual([
    'index-unique /runtimes/2/index: runtimes[2].index: 1 is already used by runtimes[0] ("a")',
    'index-unique /runtimes/3/index: runtimes[3].index: 1 is already used by runtimes[0] ("a")',
  ]);
});

test('name-unique: names the first runtime with the same name', () => {
  expect(broken(runtimes({ name: 'a' }, { name: 'A' }, { name: 'a' }))).toEqual([
    'name-unique /runtimes/2/name: runtimes[2].name: "a" is already used by runtimes[0] ("a")',
  ]);
});

test('gpu-assigned-once: names the runtime that has the GPU', () => {
  const tree = runtimes(
    { name: 'a', gpus: ['0000:01:00.0'] },
    { gpus: ['0000:02:00.0', '0000:01:00.0'] },
    { gpus: ['0000:01:00.0'] },
  );
  expect(broken(tree)).toEqual([
    'gpu-assigned-once /runtimes/1/gpus/1: runtimes[1].gpus[1]: 0000:01:00.0 is already used by runtimes[0] ("a")',
    'gpu-assigned-once /runtimes/2/gpus/0: runtimes[2].gpus[0]: 0000:01:00.0 is already used by runtimes[0] ("a")',
  ]);
});

test('gpu-assigned-once: leaves a GPU that is twice in one runtime to the schema', () => {
  expect(broken(runtimes({ gpus: ['0000:01:00.0', '0000:01:00.0'] }))).toEqual([]);
});

test('gpu-functions-together: keeps the functions of a device in one runtime', () => {
  const together = runtimes({ gpus: ['0000:01:00.0', '0000:01:00.1'] }, { gpus: ['0000:01:01.0'] });
  expect(broken(together)).toEqual([]);
  const apart = runtimes({ gpus: ['0000:01:00.0'] }, { name: 'b', gpus: ['0000:01:00.1'] });
  expect(broken(apart)).toEqual([
    'gpu-functions-together /runtimes/1/gpus/0: runtimes[1].gpus[0]: 0000:01:00.1 is on the same device as 0000:01:00.0 of runtimes[0]',
  ]);
});

test('gpu-functions-together: lets functions apart that are both listed in allow_group_members', () => {
  const apart = runtimes({ gpus: ['0000:01:00.0'] }, { gpus: ['0000:01:00.1'] });
  const listing = (...members: readonly string[]) =>
    broken({ ...apart, vfio: { allow_group_members: members } });
  expect(listing('0000:01:00.0', '0000:01:00.1')).toEqual([]);
  expect(listing('0000:01:00.1')).toHaveLength(1);
  expect(listing('0000:01:00.0', '0000:02:00.1')).toHaveLength(1);
});

test('interface-name-length: counts bytes', () => {
  const fits = { network: { bridge_name: 'b'.repeat(15), default_interface: 'é'.repeat(7) } };
  expect(broken(fits)).toEqual([]);
  const long = { network: { bridge_name: 'b'.repeat(16), default_interface: 'é'.repeat(8) } };
  expect(broken(long)).toEqual([
    'interface-name-length /network/default_interface: network.default_interface: must have at most 15 bytes, got 16: "éééééééé"',
    'interface-name-length /network/bridge_name: network.bridge_name: must have at most 15 bytes, got 16: "bbbbbbbbbbbbbbbb"',
  ]);
});

test.for([
  ['\0', '\\u{0}'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\u001b', '\\u{1b}'],
  ['\u007f', '\\u{7f}'],
  ['\u0085', '\\u{85}'],
  ['\u009b', '\\u{9b}'],
  ['\u2028', '\\u{2028}'],
  ['\u2029', '\\u{2029}'],
])('no-control-characters: finds %j in any string', ([character, shown]) => {
  expect(broken({ a: [{ b: `é😀${character}x` }] })).toEqual([
    `no-control-characters /a/0/b: a[0].b: must not contain control characters, got ${shown} as character 3`,
  ]);
});

test.for([
  ['\ufdd0', '\\u{fdd0}'],
  ['\uffff', '\\u{ffff}'],
  ['\u{1fffe}', '\\u{1fffe}'],
])(
  'no-control-characters: finds %j, which systemd does not take for text',
  ([character, shown]) => {
    expect(broken({ a: `é😀${character}x` })).toEqual([
      `no-control-characters /a: a: must not contain Unicode noncharacters, got ${shown} as character 3`,
    ]);
  },
);

test('no-control-characters: leaves other text alone', () => {
  expect(broken({ a: 'größer ✓ 😀 ~!"$%&/()=?\\' })).toEqual([]);
});

test.for([
  '/srv/vllmd',
  '~/vllmd',
  '~',
  '$HOME',
  '$HOME/x',
  '$' + '{HOME}/x',
  '/srv/$USER/x',
  '/srv/$' + '{USER}x',
  '$XDG_CONFIG_HOME/vllmd',
  '$XDG_STATE_HOME/vllmd',
  '/srv/with space/..x/x..',
])('path-syntax: accepts %s', (path) => {
  expect(broken({ global: { state_dir: path, config_dir: `${path}/config` } })).toEqual([]);
});

test.for([
  ['', 'must be an absolute path, got ""'],
  ['vllmd', 'must be an absolute path, got "vllmd"'],
  ['$USER/x', 'must be an absolute path, got "$USER/x"'],
  ['~other/x', 'must be an absolute path, got "~other/x"'],
  ['x/$HOME', 'must be an absolute path, got "x/$HOME"'],
  ['/srv/../x', 'must not contain `..`, got "/srv/../x"'],
  ['$HOME/..', 'must not contain `..`, got "$HOME/.."'],
  ['/srv\\x', 'must not contain a backslash, got "/srv\\\\x"'],
  ['/', 'must be a directory below /, got "/"'],
  ['//./', 'must be a directory below /, got "//./"'],
] as const)('path-syntax: refuses %j', ([path, text]) => {
  expect(broken({ global: { state_dir: path } })).toEqual([
    `path-syntax /global/state_dir: global.state_dir: ${text}`,
  ]);
});

test('path-syntax: has room for what vllmd puts below a directory, and for every name', () => {
  const messages = (tree: TomlTree) => broken(tree).map((line) => line.slice(line.indexOf('must')));
  const long = `/${'x'.repeat(199)}`.repeat(20);
  expect(broken({ global: { state_dir: long, config_dir: `/${'ü'.repeat(127)}` } })).toEqual([]);
  expect(messages({ global: { state_dir: `${long}/y` } })).toEqual([
    'must have at most 4000 bytes, got 4002',
  ]);
  expect(messages({ global: { state_dir: `/${'ü'.repeat(128)}` } })).toEqual([
    `must have at most 255 bytes between two slashes, got 256: "${'ü'.repeat(59)}…"`,
  ]);
  expect(messages({ storage: { base_image: `${long.repeat(2)}/y` } })).toEqual([
    'must have at most 4095 bytes, got 8002',
  ]);
  expect(messages({ guest: { user_data: `/${'x'.repeat(256)}` } })).toEqual([
    'must have at most 255 bytes between two slashes, got 256',
  ]);
});

test.for([
  ['$UNKNOWN/x', '`$UNKNOWN`'],
  ['$HOEM/x', '`$HOEM`; did you mean `$HOME`?'],
  ['$HOMEx', '`$HOMEx`; did you mean `$HOME`?'],
  ['$' + '{XDG_STATE}/x', '`$' + '{XDG_STATE}`; did you mean `$XDG_STATE_HOME`?'],
  ['/srv/$', '`$`'],
  ['/srv/$' + '{HOME', '`$`'],
  ['/srv/$' + '{}', '`$' + '{}`'],
  ['/srv/$(id)', '`$`'],
  ['/srv/$1', '`$1`'],
] as const)('path-syntax: names the unknown variable of %s', ([path, text]) => {
  expect(broken({ global: { config_dir: path } })).toEqual([
    `unknown-variable /global/config_dir: global.config_dir: unknown variable ${text}`,
  ]);
});

test('bridge-not-uplink: compares with the default bridge too', () => {
  expect(broken({ network: { default_interface: 'eth0' } })).toEqual([]);
  expect(broken({ network: { default_interface: 'eth0', bridge_name: 'eth0' } })).toEqual([
    'bridge-not-uplink /network/bridge_name: network.bridge_name: "eth0" is also network.default_interface',
  ]);
  expect(broken({ network: { default_interface: 'vllmd-br0' } })).toEqual([
    'bridge-not-uplink /network/default_interface: network.default_interface: "vllmd-br0" is also network.bridge_name (by default)',
  ]);
});

test('bridge-not-uplink: goes by the mode', () => {
  const network = { default_interface: 'br0', bridge_name: 'br0' };
  expect(broken({ network: { ...network, mode: 'none' } })).toEqual([]);
  expect(checkRules({ network: { ...network, mode: 'bridge' } })).toMatchObject([
    {
      rule: 'bridge-not-uplink',
      help: 'with mode = "bridge" the bridge itself leads outside: remove default_interface',
    },
  ]);
  const unnamed = { mode: 'bridge', default_interface: 'vllmd-br0' };
  expect(checkRules({ network: unnamed }).map(({ rule }) => rule)).toEqual(['network-mode-keys']);
});

test('user-not-root: refuses root only', () => {
  expect(broken({ global: { user: 'roots' } })).toEqual([]);
  expect(broken({ global: { user: 'root' } })).toEqual([
    'user-not-root /global/user: global.user: must not be "root": virtual machines run unprivileged',
  ]);
});

test('dirs-differ: sees through spellings and defaults', () => {
  expect(broken({ global: { state_dir: '/srv/a', config_dir: '/srv/b' } })).toEqual([]);
  expect(broken({ global: { state_dir: '/srv/a', config_dir: '/srv//a/./' } })).toEqual([
    'dirs-differ /global/config_dir: global.config_dir: must not be the same directory as global.state_dir',
  ]);
  expect(broken({ global: { state_dir: '~/.config/vllmd' } })).toEqual([
    'dirs-differ /global/state_dir: global.state_dir: must not be the same directory as global.config_dir',
  ]);
});

test.for([
  {},
  { boot: { firmware: '/f' } },
  { boot: { kernel: '/k', initramfs: '/i', cmdline: 'c' } },
  { boot: { kernel: '/k' }, runtimes: [{ initramfs: '/i', cmdline: 'c' }] },
  { boot: { kernel: '/k' }, runtimes: [{ firmware: '/f' }] },
  { boot: { cmdline: 'c' }, runtimes: [{}, { kernel: '/k' }] },
  { boot: { firmware: '/f' }, runtimes: [{ kernel: '/k', initramfs: '/i', cmdline: 'c' }] },
] as readonly TomlTree[])('boot-payload: accepts %j', (tree) => {
  expect(broken(tree)).toEqual([]);
});

test.for([
  [
    { boot: { firmware: '/f', kernel: '/k' } },
    'boot.firmware: is not possible together with kernel in the same table',
  ],
  [
    { runtimes: [{ firmware: '/f', kernel: '/k', cmdline: 'c' }] },
    'runtimes[0].firmware: is not possible together with kernel in the same table',
  ],
  [{ boot: { initramfs: '/i' } }, 'boot.initramfs: has no effect without a kernel'],
  [{ boot: { cmdline: 'c' } }, 'boot.cmdline: has no effect without a kernel'],
  [
    { boot: { initramfs: '/i' }, runtimes: [{ kernel: '/k' }] },
    'boot.initramfs: has no effect without a kernel',
  ],
  [{ runtimes: [{ initramfs: '/i' }] }, 'runtimes[0].initramfs: has no effect without a kernel'],
  [
    { boot: { kernel: '/k' }, runtimes: [{ firmware: '/f', cmdline: 'c' }] },
    'runtimes[0].cmdline: has no effect without a kernel',
  ],
] as readonly (readonly [TomlTree, string])[])('boot-payload: refuses %j', ([tree, message]) => {
  expect(checkRules(tree)).toMatchObject([{ rule: 'boot-payload', message }]);
});

const RUNTIME_PATHS = ['base_image', 'firmware', 'kernel', 'initramfs'] as const;
const FILE_PATHS: readonly (readonly [string, (path: string) => TomlTree])[] = [
  ['/boot/firmware', (path) => ({ boot: { firmware: path } })],
  ['/boot/kernel', (path) => ({ boot: { kernel: path } })],
  ['/boot/initramfs', (path) => ({ boot: { kernel: '/k', initramfs: path } })],
  ['/storage/base_image', (path) => ({ storage: { base_image: path } })],
  ['/guest/user_data', (path) => ({ guest: { user_data: path } })],
  ...RUNTIME_PATHS.map((key) => {
    const other = key === 'initramfs' ? { kernel: '/k' } : {};
    return [`/runtimes/0/${key}`, (path: string) => runtimes({ ...other, [key]: path })] as const;
  }),
];

test.for(FILE_PATHS)('path-syntax and path-characters: look at %s', ([at, tree]) => {
  const found = (path: string) =>
    checkRules(tree(path)).map(({ rule, pointer }) => `${rule} ${pointer}`);
  for (const path of ['/srv/a.raw', '~/a', '$HOME/a_b-c+d@e=f:g', '$' + '{USER}', '']) {
    expect(
      found(path).filter((line) => path !== '$' + '{USER}' || !line.includes('syntax')),
    ).toEqual([]);
  }
  for (const path of ['a', '/', '/srv/', '/a/../b', '/a\\b']) {
    expect(found(path)).toEqual([`path-syntax ${at}`]);
  }
  expect(found('/srv/$NOTHING')).toEqual([`unknown-variable ${at}`]);
  for (const path of ['/a b', '/a,b', '/a%b', '/a"b', '/größe', '/a*', '~/a;b', '/a\u{1f600}']) {
    expect(found(path)).toEqual([`path-characters ${at}`]);
  }
});

test('path-characters: shows the character, but of a sensitive key nothing', () => {
  expect(broken({ storage: { base_image: '/a,b' } })).toEqual([
    'path-characters /storage/base_image: storage.base_image: must not contain `,`, got "/a,b"',
  ]);
  expect(broken({ storage: { base_image: '/a b' } })[0]).toContain('must not contain a space, got');
  expect(broken({ guest: { user_data: '/a,b' } })).toEqual([
    'path-characters /guest/user_data: guest.user_data: must not contain other characters',
  ]);
});

test('path-characters: leaves the directories of version 1 alone', () => {
  expect(broken({ global: { state_dir: '/srv/a b', config_dir: '/srv/c,d' } })).toEqual([]);
});

function subnetProblems(subnet: string, indices: readonly number[] = []) {
  const tree = { network: { subnet }, runtimes: indices.map((index) => ({ index })) };
  return checkRules(tree).map(({ rule, message, help }) => [rule, message, help]);
}

test.for(['10.0.0.0/8', '10.77.0.0/24', '192.168.1.8/29', '223.255.255.0/24', 'x', '10.0.0/8'])(
  'subnet-syntax: has nothing to say about %s',
  (subnet) => {
    expect(subnetProblems(subnet)).toEqual([]);
  },
);

test.for([
  [
    '256.0.0.0/24',
    'must have four numbers from 0 to 255 without leading zeros, got "256.0.0.0/24"',
    'such as 10.77.0.0/24',
  ],
  [
    '10.077.0.0/24',
    'must have four numbers from 0 to 255 without leading zeros, got "10.077.0.0/24"',
    'such as 10.77.0.0/24',
  ],
  [
    '0.0.0.0/7',
    'must have a prefix length from 8 to 29, got "0.0.0.0/7"',
    '/24 has addresses for 253 runtimes, /16 for 65533',
  ],
  [
    '10.0.0.0/30',
    'must have a prefix length from 8 to 29, got "10.0.0.0/30"',
    '/24 has addresses for 253 runtimes, /16 for 65533',
  ],
  [
    '10.0.0.0/99',
    'must have a prefix length from 8 to 29, got "10.0.0.0/99"',
    '/24 has addresses for 253 runtimes, /16 for 65533',
  ],
  [
    '10.77.0.1/24',
    'must be the lowest address of its network, got "10.77.0.1/24"',
    'write "10.77.0.0/24"',
  ],
  [
    '192.168.255.255/8',
    'must be the lowest address of its network, got "192.168.255.255/8"',
    'write "192.0.0.0/8"',
  ],
  [
    '10.77.0.12/29',
    'must be the lowest address of its network, got "10.77.0.12/29"',
    'write "10.77.0.8/29"',
  ],
  [
    '127.0.0.0/8',
    'must be a network that hosts can have, got "127.0.0.0/8"',
    expect.stringContaining('10.0.0.0/8'),
  ],
  [
    '0.0.0.0/8',
    'must be a network that hosts can have, got "0.0.0.0/8"',
    expect.stringContaining('10.0.0.0/8'),
  ],
  [
    '224.0.0.0/8',
    'must be a network that hosts can have, got "224.0.0.0/8"',
    expect.stringContaining('10.0.0.0/8'),
  ],
] as const)('subnet-syntax: refuses %s', ([subnet, text, help]) => {
  expect(subnetProblems(subnet)).toEqual([['subnet-syntax', `network.subnet: ${text}`, help]]);
});

test.for([
  ['10.0.0.0/29', 5],
  ['10.0.0.0/24', 253],
  ['10.0.0.0/16', 65533],
] as const)('subnet-fits: %s reaches index %i', ([subnet, highest]) => {
  expect(subnetProblems(subnet, [1, highest])).toEqual([]);
  expect(subnetProblems(subnet, [highest + 1, 1])).toMatchObject([
    [
      'subnet-fits',
      `network.subnet: "${subnet}" has no address for index ${highest + 1} of runtimes[0]: it reaches index ${highest}`,
      expect.stringContaining('or give the runtime a smaller index'),
    ],
  ]);
});

test('subnet-fits: proposes the smallest network around the same address', () => {
  expect(subnetProblems('10.77.9.0/24', [254])).toMatchObject([
    ['subnet-fits', expect.anything(), 'write "10.77.8.0/23", or give the runtime a smaller index'],
  ]);
});

test('subnet-fits: leaves alone what is without effect or cannot be read', () => {
  const fits = (network: TomlTree) =>
    checkRules({ network, runtimes: [{ index: 300 }] }).map(({ rule }) => rule);
  expect(fits({ mode: 'none', subnet: '10.0.0.0/24' })).toEqual(['network-mode-keys']);
  expect(fits({ subnet: '10.0.0.0/31' })).toEqual(['subnet-syntax']);
  expect(fits({ subnet: '10.0.0.9/24' })).toEqual(['subnet-syntax']);
  expect(fits({ subnet: 7 })).toEqual([]);
  expect(fits({})).toEqual([]);
});

test('hive-url-syntax: wants a host and a port', () => {
  const of = (url: TomlValue) => broken({ hive: { url } });
  expect(of('http://a:88000')).toEqual([
    'hive-url-syntax /hive/url: hive.url: must name a host, and a port from 0 to 65535, got "http://a:88000"',
  ]);
  expect(of('https://[fd00::1')).toHaveLength(1);
  expect(of('http://:80')).toHaveLength(1);
  for (const url of ['http://a:8800/b', 'https://[fd00::1]:1', 'ftp://a', 7]) {
    expect(of(url)).toEqual([]);
  }
});

test('hive-address-syntax: wants a name or an IP address without a port', () => {
  const of = (address: TomlValue) => broken({ hive: { address } });
  expect(of('192.168.1.101:8080')).toEqual([
    'hive-address-syntax /hive/address: hive.address: must be a name or an IP address, without a port, got "192.168.1.101:8080"',
  ]);
  expect(of('atlas:8080')).toHaveLength(1);
  expect(of('1.2.3.999')).toHaveLength(1);
  for (const address of ['192.168.1.101', 'atlas.example', 'fd00::1', '::1', '[::1]', 7]) {
    expect(of(address)).toEqual([]);
  }
});

test('name-server-syntax: wants the address of another host', () => {
  const servers = [
    '1.1.1.1',
    '10.0.0.255',
    'x',
    7,
    '300.1.1.1',
    '01.1.1.1',
    '127.0.0.53',
    '0.0.0.0',
    '224.0.0.1',
  ];
  expect(broken({ network: { name_servers: servers } })).toEqual([
    'name-server-syntax /network/name_servers/4: network.name_servers[4]: must have four numbers from 0 to 255 without leading zeros, got "300.1.1.1"',
    'name-server-syntax /network/name_servers/5: network.name_servers[5]: must have four numbers from 0 to 255 without leading zeros, got "01.1.1.1"',
    'name-server-syntax /network/name_servers/6: network.name_servers[6]: must be the address of another host, got "127.0.0.53"',
    'name-server-syntax /network/name_servers/7: network.name_servers[7]: must be the address of one host, got "0.0.0.0"',
    'name-server-syntax /network/name_servers/8: network.name_servers[8]: must be the address of one host, got "224.0.0.1"',
  ]);
});

test('mac-unicast: refuses groups and zero', () => {
  const macs = [
    '52:54:00:00:00:01',
    'x',
    '01:00:00:00:00:00',
    'ff:ff:ff:ff:ff:ff',
    '00:00:00:00:00:00',
  ];
  const tree = runtimes({}, ...macs.map((mac) => ({ mac })));
  expect(broken(tree)).toEqual([
    'mac-unicast /runtimes/3/mac: runtimes[3].mac: must be the address of one interface, got "01:00:00:00:00:00"',
    'mac-unicast /runtimes/4/mac: runtimes[4].mac: must be the address of one interface, got "ff:ff:ff:ff:ff:ff"',
    'mac-unicast /runtimes/5/mac: runtimes[5].mac: must be the address of one interface, got "00:00:00:00:00:00"',
  ]);
});

test('mac-unique: compares with the others, and with what is made from their index', () => {
  const mac = '52:54:00:00:00:01';
  expect(broken(runtimes({ name: 'a', mac }, { mac: '52:54:00:00:00:02' }, { mac }))).toEqual([
    'mac-unique /runtimes/2/mac: runtimes[2].mac: "52:54:00:00:00:01" is already used by runtimes[0] ("a")',
  ]);
  const made = runtimes(
    { index: 1, mac: macAddress(2) },
    { index: 2 },
    { index: 3, mac: macAddress(3) },
  );
  expect(broken(made)).toEqual([
    `mac-unique /runtimes/0/mac: runtimes[0].mac: "${macAddress(2)}" is made from the index of runtimes[1]`,
  ]);
  expect(broken({ ...made, network: { mode: 'bridge', bridge_name: 'br0' } })).toEqual([]);
});

test('network-mode-keys: keeps what belongs to nat to it', () => {
  const nat = { subnet: '10.0.0.0/24', name_servers: ['1.1.1.1'] };
  expect(broken({ network: nat })).toEqual([]);
  expect(broken({ network: { ...nat, mode: 'natt' } })).toEqual([]);
  const none = { mode: 'none', bridge_name: 'b', default_interface: 'eth0' };
  expect(broken({ network: none })).toEqual([]);
  expect(broken({ network: { ...none, ...nat } })).toEqual([
    'network-mode-keys /network/subnet: network.subnet: has no effect with mode = "none": there is no network',
    'network-mode-keys /network/name_servers: network.name_servers: has no effect with mode = "none": there is no network',
  ]);
  expect(broken({ network: { mode: 'bridge', bridge_name: 'br0' } })).toEqual([]);
  expect(broken({ network: { mode: 'bridge', subnet: 7 } })).toEqual([
    'network-mode-keys /network/mode: network.mode: "bridge" needs bridge_name: without it the name is vllmd-br0, a bridge of vllmd\'s own',
    'network-mode-keys /network/subnet: network.subnet: has no effect with mode = "bridge": the network of the bridge gives out addresses',
  ]);
});

test('hostname-length: counts the prefix and the index', () => {
  const named = (length: number, ...indices: readonly number[]) =>
    broken({
      guest: { hostname_prefix: 'a'.repeat(length) },
      runtimes: indices.map((index) => ({ index })),
    });
  expect(named(58, 1, 65533)).toEqual([]);
  expect(named(62, 9)).toEqual([]);
  expect(named(63, 1)).toEqual([]);
  expect(named(59, 1, 65533)).toEqual([
    `hostname-length /guest/hostname_prefix: guest.hostname_prefix: makes a host name of 64 characters for index 65533 of runtimes[1], got "${'a'.repeat(59)}"`,
  ]);
  expect(broken({ guest: { hostname_prefix: 'a'.repeat(62) }, runtimes: [{}] })).toEqual([]);
});

test('no-private-key: looks into every string and shows none', () => {
  const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nsecret\n-----END OPENSSH PRIVATE KEY-----';
  const tree = { a: [{ b: key }], guest: { ssh_authorized_keys: [`x ${key}`] }, c: 'PRIVATE KEY' };
  const found = checkRules(tree).filter(({ rule }) => rule !== 'no-control-characters');
  expect(found.map(({ message }) => message)).toEqual([
    'a[0].b: must not be a private key',
    'guest.ssh_authorized_keys[0]: must not be a private key',
  ]);
  expect(JSON.stringify(found)).not.toContain('secret');
});

/** A key of a type, with bytes that are as many as you like. */
function publicKey(type: string, length = 51): string {
  return btoa(`\0\0\0${String.fromCharCode(type.length)}${type}`.padEnd(length, '\u0007'));
}

const ED25519 = publicKey('ssh-ed25519');

function keyProblems(key: string) {
  return checkRules({ guest: { ssh_authorized_keys: [key] } }).map(({ message, help }) => [
    message,
    help,
  ]);
}

test.for([
  `ssh-ed25519 ${ED25519}`,
  `ssh-ed25519 ${ED25519} ada@laptop of mine`,
  `  ssh-ed25519\u0020\u0020${ED25519}  `,
  `ssh-rsa ${publicKey('ssh-rsa', 279)}`,
  `ecdsa-sha2-nistp256 ${publicKey('ecdsa-sha2-nistp256', 104)}`,
  `sk-ssh-ed25519@openssh.com ${publicKey('sk-ssh-ed25519@openssh.com', 75)}`,
  `no-pty,from="10.0.0.0/8, 192.168.0.0/16",command="echo \\"hi there\\"" ssh-ed25519 ${ED25519}`,
  '',
])('guest-keys-syntax: accepts %s', (key) => {
  expect(keyProblems(key)).toEqual([]);
});

test.for([
  ['hunter2', 'copy the line of a .pub file, such as ~/.ssh/id_ed25519.pub'],
  ['~/.ssh/id_ed25519.pub', 'write what is in the file, not its name'],
  ['/etc/ssh/key.pub', 'write what is in the file, not its name'],
  ['ssh-dss AAAA', 'sshd accepts no DSA keys any more: make a key with `ssh-keygen`'],
  [
    '---- BEGIN SSH2 PUBLIC KEY ----',
    '`ssh-keygen -i -f FILE` prints it in the form that is needed',
  ],
  [`"open ssh-ed25519 ${ED25519}`, 'copy the line of a .pub file, such as ~/.ssh/id_ed25519.pub'],
  [ED25519, 'copy the line of a .pub file, such as ~/.ssh/id_ed25519.pub'],
] as const)('guest-keys-syntax: refuses %s', ([key, help]) => {
  const message =
    'guest.ssh_authorized_keys[0]: must be a public key: a type such as ssh-ed25519, the key in base64, a comment';
  expect(keyProblems(key)).toEqual([[message, help]]);
});

test.for([
  'ssh-ed25519',
  `ssh-ed25519 ${ED25519.slice(0, -3)}`,
  `ssh-ed25519 ${publicKey('ssh-rsa')}`,
  `ssh-ed25519 ${ED25519.replace('A', 'B')}`,
  'ssh-ed25519 ***',
])('guest-keys-syntax: sees that %s is damaged', (key) => {
  expect(keyProblems(key)).toEqual([
    [
      'guest.ssh_authorized_keys[0]: is cut off or damaged: what follows ssh-ed25519 is not such a key',
      'copy the whole line of the .pub file again',
    ],
  ]);
});

test('guest-keys-syntax: leaves to others what they speak of', () => {
  expect(keyProblems('x'.repeat(16_385))).toEqual([]);
  expect(checkRules({ guest: { ssh_authorized_keys: ['a\nb'] } })).toMatchObject([
    { rule: 'no-control-characters' },
  ]);
});
