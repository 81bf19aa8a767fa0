import { readdirSync, readFileSync } from 'node:fs';
import Handlebars from 'handlebars';
import { expect, test } from 'vitest';
import { assumedAccount } from '../src/core/facts/accounts.ts';
import { runtimeView } from '../src/core/kinds/runtime-vm/view-model.ts';
import { templateSpecs } from '../src/core/render/templates.gen.ts';
import { renderTemplate } from '../src/core/render/templates.ts';
import { resolve } from '../src/core/resolve/resolve.ts';

const TEMPLATES = new URL('../templates/', import.meta.url).pathname;
const runtime = { index: 1, name: 'one', gpus: ['0000:01:00.0'] };
const desired = resolve(
  { global: { user: 'sdake' }, runtimes: [runtime] },
  assumedAccount('sdake'),
);
const [first] = desired.runtimes;
if (first === undefined) throw new Error('there is a runtime');

/** Which view each template that names values is rendered with; the others name none. */
const views: Readonly<Record<string, object>> = {
  'cloud-init/meta-data': runtimeView(desired, first),
  'cloud-init/network-config': runtimeView(desired, first),
  'cloud-init/user-data': runtimeView(desired, first),
  'runtime.env': runtimeView(desired, first),
  'vllmd-runtime.conf': runtimeView(desired, first),
  'vllmd-runtime-pre-start.conf': runtimeView(desired, first),
  'network.env': desired.network,
  'vfio.env': { user: 'sdake', group: 'sdake' },
  '70-vllmd-vfio.rules': { slots: [] },
};

const sources = readdirSync(TEMPLATES, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => `${entry.parentPath}/${entry.name}`.replace(`${TEMPLATES}/`, TEMPLATES))
  .map((path) => ({
    name: path.slice(TEMPLATES.length).replace(/\.hbs$/, ''),
    source: readFileSync(path, 'utf8'),
  }));

const builtin = new Set(['if', 'each', 'this', 'unless']);
const helpers = new Set(['unitText', 'unitWord', 'execWord', 'envValue', 'json']);

test.for(sources)('$name names nothing that its view lacks', ({ name, source }) => {
  const named: string[] = [];
  class Paths extends Handlebars.Visitor {
    override PathExpression(path: hbs.AST.PathExpression): void {
      named.push(path.original);
    }
  }
  new Paths().accept(Handlebars.parse(source));
  const view = views[name] ?? {};
  const unknown = named.filter(
    (path) => !builtin.has(path) && !helpers.has(path) && !(path in view),
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
  expect(renderTemplate('vfio.env', { user: 'a+b', group: '<&>' })).toContain('"<&>"');
});
