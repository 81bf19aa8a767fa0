import { expect, test } from 'vitest';
import type { LlamaInstance } from '../../../src/core/llama/instance.ts';
import { portsFree } from '../../../src/core/preflight/llama/port.ts';

function instance(name: string, host: string, port: number): LlamaInstance {
  return {
    ...{ name, source: `/instance/${name}`, executable: 'llama-server', modelFiles: [] },
    control: {
      ...{ logDir: '/tmp', logFile: '/tmp/x.log', isLogNamed: false },
      ...{ background: true, gpuIds: null },
    },
    ...{ arguments: [], shownArguments: [], launch: { arguments: [], secrets: new Map() } },
    serves: {
      ...{ work: 'chat', isRouter: false, aliases: [], source: undefined },
      ...{ contextSize: undefined, needsKey: false },
    },
    endpoint: { host, port, isTls: false, apiPrefix: '' },
  };
}

const listeners = [
  { host: '127.0.0.1', port: 8080 },
  { host: '192.168.1.5', port: 8081 },
];
const nobody = () => false;

test('a port that somebody listens on is refused, unless it is the instance that does', () => {
  const small = instance('small', '', 8080);
  expect(portsFree([small], { listeners }, nobody)).toMatchObject([
    { rule: 'llama-port-in-use', pointer: '/instance/small' },
  ]);
  expect(portsFree([small], { listeners }, (name) => name === 'small')).toEqual([]);
});

test('another address of a port is free, and all addresses are not', () => {
  const ask = (host: string) =>
    portsFree([instance('a', host, 8081)], { listeners }, nobody).length;
  expect([ask('127.0.0.1'), ask('192.168.1.5'), ask('0.0.0.0')]).toEqual([0, 1, 1]);
});

test('a socket has no port that somebody could listen on', () => {
  expect(portsFree([instance('a', '/run/a.sock', 0)], { listeners }, nobody)).toEqual([]);
});
