import { EventEmitter } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { noteInterrupts } from '../src/host/interrupts.ts';
import { bundleProgram, type Program, startProgram } from './support/program.ts';

const directory = mkdtempSync(`${tmpdir()}/vllmd-interrupts-`);
const program = `${directory}/program.cjs`;

beforeAll(async () => {
  await bundleProgram(
    `
    import { noteInterrupts } from './src/host/interrupts.ts';
    import { spawn } from './src/host/spawn.ts';
    async function main() {
      const interrupts = noteInterrupts(process);
      interrupts.onSignal((signal, count) => console.log(signal, count));
      const mark = process.argv[2];
      const done = spawn(['sh', '-c', 'sleep 1; echo > "$0"', mark], 20000);
      console.log('ready');
      const { exitCode } = await done;
      console.log('program ended with', exitCode, interrupts.received());
      interrupts.stop();
      console.log('stopped');
      setTimeout(() => {}, 20000);
    }
    void main();
    `,
    program,
  );
});
afterAll(() => rmSync(directory, { recursive: true }));

async function started(mark: string): Promise<Program> {
  const child = startProgram([program, mark]);
  expect(await child.line()).toBe('ready');
  return child;
}

test('Ctrl-C and the end of the terminal reach vllmd alone, and what it has started goes on', async () => {
  const mark = `${directory}/done`;
  const child = await started(mark);
  process.kill(-child.pid, 'SIGHUP');
  process.kill(-child.pid, 'SIGINT');
  expect(await child.line()).toBe('SIGINT 1');
  process.kill(-child.pid, 'SIGTERM');
  expect(await child.line()).toBe('SIGTERM 2');
  expect(await child.line()).toBe('program ended with 0 SIGINT');
  expect(existsSync(mark)).toBe(true);
  expect(await child.line()).toBe('stopped');
  process.kill(child.pid, 'SIGTERM');
  expect(await child.end()).toBe('SIGTERM');
});

test('the first signal is the one that counts, and each is told to all who asked', () => {
  const source = new EventEmitter();
  const interrupts = noteInterrupts(source);
  const [one, other] = [vi.fn(), vi.fn()];
  interrupts.onSignal(one);
  interrupts.onSignal(other);
  source.emit('SIGHUP', 'SIGHUP');
  expect(interrupts.received()).toBeUndefined();
  source.emit('SIGTERM', 'SIGTERM');
  source.emit('SIGINT', 'SIGINT');
  expect(interrupts.received()).toBe('SIGTERM');
  expect(one.mock.calls).toEqual([
    ['SIGTERM', 1],
    ['SIGINT', 2],
  ]);
  expect(other.mock.calls).toEqual(one.mock.calls);
});

test('nobody listens before the signals are asked for, nor after the end', () => {
  const source = new EventEmitter();
  expect(source.eventNames()).toEqual([]);
  const interrupts = noteInterrupts(source);
  expect(source.eventNames().sort()).toEqual(['SIGHUP', 'SIGINT', 'SIGTERM']);
  interrupts.stop();
  expect(source.eventNames()).toEqual([]);
});
