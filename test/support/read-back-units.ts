import { expect } from 'vitest';
import { readEnvironmentFile } from './env-file-grammar.ts';
import { type At, payloadOf, textAt } from './said.ts';
import { commandOf, readUnitFile, valuesOf, withSpecifiers, wordsOf } from './unit-file-grammar.ts';

export function expectDropIns(at: At): void {
  const { runtime, paths, tree, input } = at;
  const { index } = runtime;
  const units = `/etc/systemd/system/vllmd-runtime`;
  const own = readUnitFile(textAt(tree, `${units}@${index}.service.d/10-vllmd.conf`));
  const definition = `${paths.config}/runtime-${index}.vm.json`;
  const directory = `${paths.state}/runtime-${index}`;
  const { cmdline: _, ...files } = payloadOf(at);
  const { firmware = [], kernel = [], initramfs = [] } = files;
  const payload = [firmware, kernel, initramfs].flat();
  const gpus = (runtime.gpus ?? []).map((gpu) => `vllmd-vfio@${gpu}.service`);
  const hugepages =
    (input.memory?.hugepages ?? 'none') === 'none' ? [] : ['vllmd-hugepages.service'];
  expect({
    description: valuesOf(own, 'Description').map((value) => withSpecifiers(value, String(index))),
    mounts: valuesOf(own, 'RequiresMountsFor').flatMap(pathsIn),
    asserts: valuesOf(own, 'AssertPathExists').map((value) => plainPath(withSpecifiers(value))),
    requires: valuesOf(own, 'Requires').flatMap((value) => wordsOf(value)),
    after: valuesOf(own, 'After').flatMap((value) => wordsOf(value)),
    user: valuesOf(own, 'User').map((value) => withSpecifiers(value)),
    group: valuesOf(own, 'Group').map((value) => withSpecifiers(value)),
    readOnly: valuesOf(own, 'BindReadOnlyPaths').flatMap((value) =>
      boundIn(value.replace(/^-/, '')),
    ),
    bound: valuesOf(own, 'BindPaths').flatMap(boundIn),
    writable: valuesOf(own, 'ReadWritePaths').flatMap(pathsIn),
    protected: valuesOf(own, 'X-VllmdPreventRemoval'),
    sections: [...new Set(own.map(({ section }) => section))],
    count: own.length,
  }).toEqual({
    description: [`vllmd runtime ${index}: ${runtime.name}`],
    mounts: [definition, directory, ...payload],
    asserts: [definition, ...hugepages.map(() => '/run/vllmd-hugepages/reserved')],
    requires: gpus,
    after: [...gpus, ...hugepages],
    user: [input.global.user],
    group: [input.global.user],
    readOnly: [definition, ...payload],
    bound: [directory],
    writable: [directory],
    protected: runtime.prevent_removal === true ? ['yes'] : [],
    sections: ['Unit', 'Service'],
    count:
      10 +
      2 * payload.length +
      2 * gpus.length +
      3 * hugepages.length +
      (runtime.prevent_removal === true ? 1 : 0),
  });
  const before = readUnitFile(textAt(tree, `${units}-pre-start@${index}.service.d/10-vllmd.conf`));
  expect(valuesOf(before, 'RequiresMountsFor').flatMap(pathsIn)).toEqual([directory]);
  expect(valuesOf(before, 'Requires')).toEqual(gpus);
  expectCommands(at);
}

/** The command lines name values of the environment file: what systemd makes of them is one word each. */
function expectCommands({ runtime, paths, tree, input }: At): void {
  const index = String(runtime.index);
  const environment = readEnvironmentFile(textAt(tree, `/etc/vllmd/runtime-${index}.env`));
  const commandsIn = (unit: string, key: string) =>
    valuesOf(readUnitFile(textAt(tree, `/etc/systemd/system/${unit}`)), key).map((value) =>
      commandOf(value, environment, index),
    );
  const socket = `/run/vllmd/${index}/api.sock`;
  const definition = `${paths.config}/runtime-${index}.vm.json`;
  expect(commandsIn('vllmd-runtime@.service', 'ExecStart')).toEqual([
    ['cloud-hypervisor', '--api-socket', `path=${socket}`],
  ]);
  expect(commandsIn('vllmd-runtime@.service', 'ExecStartPost')[1]).toEqual([
    ...['ch-remote', '--api-socket', socket, 'create', definition],
  ]);
  const { user } = input.global;
  expect(commandsIn('vllmd-runtime-pre-start@.service', 'ExecStart')[2]?.slice(0, 5)).toEqual([
    ...['/usr/bin/setpriv', '--reuid', user, '--regid', user],
  ]);
}

/** The longest that the kernel takes, and systemd with it. */
function plainPath(path: string): string {
  const longest = Math.max(...path.split('/').map((part) => Buffer.byteLength(part)));
  if (Buffer.byteLength(path) > 4095 || longest > 255)
    throw new Error('systemd ignores a path that long');
  return path;
}

export function pathsIn(value: string): readonly string[] {
  return wordsOf(value).map((word) => plainPath(withSpecifiers(word)));
}

/** Parts of words at colons come with the words: `a:b` would be two, as two words would. */
function boundIn(value: string): readonly string[] {
  return wordsOf(value, ' \t:').map((word) => plainPath(withSpecifiers(word)));
}
