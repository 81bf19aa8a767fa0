import { expect, test } from 'vitest';
import type { TomlTree, TomlValue } from '../../../src/core/config/toml-tree.ts';
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
