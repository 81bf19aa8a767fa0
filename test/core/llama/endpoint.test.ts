import fc from 'fast-check';
import { expect, test } from 'vitest';
import { takers } from '../../../src/core/llama/endpoint.ts';

function at(host: string, port = 8080) {
  return { host, port, isTls: false, apiPrefix: '' };
}

/** Whether the second of two cannot listen beside the first. */
function clash(a: ReturnType<typeof at>, b: ReturnType<typeof at>): boolean {
  const { take } = takers<string>();
  expect(take(a, 'first')).toBeUndefined();
  return take(b, 'second') === 'first';
}

test.for([
  ['127.0.0.1', '127.0.0.1'],
  ['127.0.0.1', '0.0.0.0'],
  ['10.0.0.1', '::'],
  ['10.0.0.1', '[::]'],
  ['0.0.0.0', '::'],
  ['', 'localhost'],
  ['', '127.0.0.1'],
  ['::1', 'localhost'],
  ['Host.example', 'host.EXAMPLE'],
  ['10.0.0.1,10.0.0.2', '10.0.0.3, 10.0.0.2'],
  ['/run/a.sock', '/run/a.sock'],
  ['0.0.0.0,/run/a.sock', '10.0.0.1'],
] as const)('%j and %j are one address for one port', ([a, b]) => {
  expect(clash(at(a), at(b))).toBe(true);
  expect(clash(at(b), at(a))).toBe(true);
});

test.for([
  ['10.0.0.1', '10.0.0.2'],
  ['127.0.0.1', '10.0.0.1'],
  ['/run/a.sock', '/run/b.sock'],
  ['/run/a.sock', '/run/A.sock'],
  ['/run/a.sock', '0.0.0.0'],
] as const)('%j and %j are two', ([a, b]) => {
  expect(clash(at(a), at(b))).toBe(false);
  expect(clash(at(b), at(a))).toBe(false);
});

test('another port is another address, but of a socket, which has none', () => {
  expect(clash(at('0.0.0.0', 1), at('0.0.0.0', 2))).toBe(false);
  expect(clash(at('/run/a.sock', 1), at('/run/a.sock', 2))).toBe(true);
});

const host = fc.constantFrom('', '0.0.0.0', '::', '10.0.0.1', '10.0.0.2', 'localhost', '/a.sock');
const endpoint = fc.record({
  host: fc.array(host, { minLength: 1, maxLength: 3 }).map((all) => all.join(',')),
  port: fc.constantFrom(1, 2),
  isTls: fc.constant(false),
  apiPrefix: fc.constant(''),
});

test('of many the second of any two that clash is told, and of one that fits none', () => {
  fc.assert(
    fc.property(fc.array(endpoint, { maxLength: 6 }), (all) => {
      const { take } = takers<number>();
      const taken = all.map((one, index) => take(one, index));
      for (const [index, other] of taken.entries()) {
        const one = all[index];
        if (one === undefined) throw new Error('none');
        const clashing = all
          .slice(0, index)
          .flatMap((before, place) => (clash(before, one) ? place : []));
        if (other === undefined) expect(clashing).toEqual([]);
        else expect(clashing).toContain(other);
      }
    }),
  );
});
