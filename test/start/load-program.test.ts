import { expect, test } from 'vitest';
import { loadProgram } from '../../src/start/load-program.ts';

/** A program of one group. */
function loaderOf(modules: { readonly [name: string]: string }) {
  const names = Object.keys(modules);
  const text = `({${names.map((name) => `${JSON.stringify(name)}:function(exports,require,module,url$){${modules[name]}\n}`).join()}})`;
  const group = { offset: 0, byteLength: text.length, line: 0, isAscii: true };
  const index = {
    id: '0',
    version: '0',
    groups: [group],
    modules: Object.fromEntries(names.map((name) => [name, 0])),
  };
  const store = { file: 'program.js', url: 'file:///program.js', text: () => text };
  return loadProgram(index, { ...store, code: () => undefined }).load;
}

test('a module is run once, and modules that need each other get what is there so far', () => {
  const load = loaderOf({
    'a.js': "exports.first = 1; exports.seen = require('./b.js').seen; exports.second = 2;",
    'b.js': "exports.seen = { ...require('./a.js') };",
  });
  expect(load('a.js')).toEqual({ first: 1, seen: { first: 1 }, second: 2 });
  expect(load('./a.js')).toBe(load('a.js'));
});

test('a module that fails fails each time it is asked for, and what needs it as well', () => {
  const load = loaderOf({
    'a.js': "exports.half = 1; throw new RangeError('it is not installed');",
    'b.js': "require('./a.js');",
  });
  for (const name of ['a.js', 'a.js', 'b.js', 'b.js']) {
    expect(() => load(name)).toThrow('it is not installed');
  }
  expect(() => load('c.js')).toThrow('c.js');
});
