import { readdirSync, readFileSync } from 'node:fs';
import Handlebars from 'handlebars';
import { expect, test } from 'vitest';
import { assumedAccount } from '../src/core/facts/accounts.ts';
import { hostPlace } from '../src/core/kinds/llama-server/place.ts';
import { llamaView } from '../src/core/kinds/llama-server/view.ts';
import { runtimeView } from '../src/core/kinds/runtime-vm/view-model.ts';
import { templateSpecs } from '../src/core/render/templates.gen.ts';
import { renderTemplate } from '../src/core/render/templates.ts';
import { hostLayer, llamaLayer } from '../src/core/resolve/layer.ts';
import {
  LLAMA_RECOVER_UNIT,
  LLAMA_UNRECOVERED_PATH,
  LOCK_PATH,
  RECOVER_UNIT,
  UNRECOVERED_PATH,
} from '../src/core/resolve/layout.ts';
import { resolve } from '../src/core/resolve/resolve.ts';
import { instancesOf, noLlamaContext, twoInstances } from './support/llama-host.ts';

const TEMPLATES = new URL('../templates/', import.meta.url).pathname;
const runtime = { index: 1, name: 'one', gpus: ['0000:01:00.0'] };
const desired = resolve(
  { global: { user: 'sdake' }, runtimes: [runtime] },
  assumedAccount('sdake'),
  '0123456789abcdef0123456789abcdef',
);
const [first] = desired.runtimes;
if (first === undefined) throw new Error('there is a runtime');

const view = runtimeView(desired, first);
const hasNetwork = { hasNetwork: true };
const ofVm = { ...hasNetwork, powerOffSeconds: 110 };

const namedDevice = {
  address: '0000:02:00.4',
  vendor: '8086',
  device: '1533',
  subsystemVendor: '15d9',
  subsystemDevice: '1533',
};

const [instance] = instancesOf(twoInstances());
if (instance === undefined) throw new Error('there is an instance');
const ofInstance = llamaView(instance, noLlamaContext);

/** Which view each template that names values is rendered with; the others name none. */
const views: Readonly<Record<string, object>> = {
  'cloud-init/meta-data': view,
  'cloud-init/network-config': view,
  'cloud-init/user-data': { hostname: 'vllmd-1', users: [], keys: [], packages: [] },
  // The names inside a list are those of an entry.
  'cloud-init/vendor-data': { files: [], mode: '0644', path: '/run/x', lines: [], hasGpus: true },
  'vllmd-llama-wants.conf': { instances: [], name: 'chat' },
  'vllmd-llama@.service': hostPlace,
  'runtime.env': view,
  'vllmd-recover.service': desired,
  'vllmd-runtime.conf': view,
  'vllmd-runtime-pre-start.conf': view,
  'vllmd.target': hasNetwork,
  'vllmd-runtime@.service': ofVm,
  'vllmd-runtime-pre-start@.service': hasNetwork,
  'network.env': desired.network,
  'hugepages.env': { sizeKib: 1048576, nodes: '0=32' },
  'vfio.env': { user: 'sdake', group: 'sdake', onRelease: 'keep-vfio', allow: '' },
  'vfio-device.env': { identity: '', prior: '', overrides: '' },
  'vfio-early.env': { slots: '', addresses: '' },
  'hive-agent.env': desired.hive,
  'vllmd-hive-agent.service': desired.hive,
  // The names inside its list are those of an entry.
  '70-vllmd-vfio.rules': { slots: [], devices: [], ...namedDevice },
  'grub.cfg': { parameters: 'iommu=pt' },
  'vllmd-llama.conf': ofInstance,
  'llama.env': ofInstance,
  'llama.secrets.env': { ...ofInstance, variable: '', value: '' },
};

const sources = readdirSync(TEMPLATES, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => `${entry.parentPath}/${entry.name}`.replace(`${TEMPLATES}/`, TEMPLATES))
  .map((path) => ({
    name: path.slice(TEMPLATES.length).replace(/\.hbs$/, ''),
    source: readFileSync(path, 'utf8'),
  }));

const builtin = new Set(['if', 'each', 'this', 'unless']);
const helpers = new Set(['unitText', 'unitWord', 'unitCommand', 'envValue', 'json']);

test.for(sources)('$name names nothing that its view lacks', ({ name, source }) => {
  const named: string[] = [];
  class Paths extends Handlebars.Visitor {
    override PathExpression(path: hbs.AST.PathExpression): void {
      // `users.length` is a question about `users`.
      named.push(path.original.split('.')[0] ?? '');
    }
  }
  new Paths().accept(Handlebars.parse(source));
  const known = views[name] ?? {};
  const unknown = named.filter(
    (path) => !builtin.has(path) && !helpers.has(path) && !(path in known),
  );
  expect(unknown).toEqual([]);
});

test('every template is compiled into the program, and no other', () => {
  expect(Object.keys(templateSpecs).sort()).toEqual(sources.map(({ name }) => name).sort());
});

test('a value that the view lacks is an error, not an empty line', () => {
  expect(() => renderTemplate('vfio.env', { user: 'sdake' })).toThrow(/missing/);
  expect(() => renderTemplate('vllmd-runtime.conf', { vfioUnits: [] })).toThrow(/index/);
});

test('what looks like markup is not escaped for HTML', () => {
  const values = { user: 'a+b', group: '<&>', onRelease: 'keep-vfio', allow: '' };
  expect(renderTemplate('vfio.env', values)).toContain('"<&>"');
});

test.for(['vllmd.target', 'vllmd-runtime@.service', 'vllmd-runtime-pre-start@.service'] as const)(
  '%s names the network where there is one only',
  (name) => {
    expect(renderTemplate(name, ofVm)).toMatch(/After=vllmd-network\.service/);
    expect(renderTemplate(name, { ...ofVm, hasNetwork: false })).not.toMatch(
      /vllmd-network|\/dev\/net\/tun/,
    );
  },
);

test('the unit that recovers knows what an install leaves behind, and what it holds', () => {
  const text = renderTemplate('vllmd-recover.service', desired);
  for (const path of [hostLayer.record.journal, hostLayer.record.confirm]) {
    expect(text).toContain(`\nConditionPathExists=|${path}\n`);
  }
  expect(text).toContain(` ${LOCK_PATH} `);
  expect(text.split(UNRECOVERED_PATH)).toHaveLength(3);
});

test.for(['vllmd-runtime@.service', 'vllmd-runtime-pre-start@.service'] as const)(
  '%s does not start before an interrupted install is recovered from, nor starts that itself',
  (name) => {
    const text = renderTemplate(name, ofVm);
    expect(text).toContain(`\nAssertPathExists=!${UNRECOVERED_PATH}\n`);
    expect(text).toMatch(new RegExp(`^After=.*${RECOVER_UNIT}`, 'm'));
    expect(text).not.toMatch(new RegExp(`^(?:Wants|Requires)=.*${RECOVER_UNIT}`, 'm'));
  },
);

test('instances do not start before their own recovery, nor start that themselves', () => {
  const unit = renderTemplate('vllmd-llama@.service', hostPlace);
  expect(unit).toContain(`\nAssertPathExists=!${LLAMA_UNRECOVERED_PATH}\n`);
  expect(unit).toMatch(new RegExp(`^After=.*${LLAMA_RECOVER_UNIT}`, 'm'));
  expect(unit).not.toMatch(new RegExp(`^(?:Wants|Requires)=.*${LLAMA_RECOVER_UNIT}`, 'm'));
  const recovery = renderTemplate('vllmd-llama-recover.service', {});
  expect(recovery).toContain(`\nConditionPathExists=${llamaLayer.record.journal}\n`);
  expect(recovery).toContain(` ${LOCK_PATH} `);
  expect(recovery.split(LLAMA_UNRECOVERED_PATH)).toHaveLength(3);
});

test('a guest has a fixed address on our own network, and asks for one on another', () => {
  const fixed = renderTemplate('cloud-init/network-config', view);
  expect(fixed).toContain('addresses:\n      - "10.77.0.2/24"\n');
  expect(fixed).not.toContain('dhcp4');
  const asking = renderTemplate('cloud-init/network-config', { ...view, isStatic: false });
  expect(asking).toContain(`macaddress: "${view.mac}"\n    dhcp4: true\n`);
  expect(asking).not.toContain('addresses');
});

test('GRUB gets the parameters behind its own', () => {
  const text = renderTemplate('grub.cfg', { parameters: 'iommu=pt hugepagesz=1G' });
  expect(text.trimEnd().split('\n').at(-1)).toBe(
    'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX iommu=pt hugepagesz=1G"',
  );
});

test('early binding asks for the class of a card, and for the ids of a device that is named', () => {
  const rules = renderTemplate('70-vllmd-vfio.rules', {
    slots: ['0000:01:00'],
    devices: [namedDevice],
  });
  const of = (address: string) => rules.split('\n').find((line) => line.includes(address));
  expect(of('0000:01:00')).toMatch(/^KERNEL=="0000:01:00\.\[0-7\]", ATTR\{class\}=="0x03\*/);
  expect(of('0000:01:00')).not.toMatch(/0x0[12]/);
  expect(of('0000:02:00.4')).toMatch(
    /^KERNEL=="0000:02:00\.4", ATTR\{vendor\}=="0x8086", ATTR\{device\}=="0x1533", ATTR\{subsystem_vendor\}=="0x15d9", ATTR\{subsystem_device\}=="0x1533", ATTR\{driver_override\}="vfio-pci"$/,
  );
});
