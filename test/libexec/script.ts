import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname } from 'node:path';
import { renderTemplate, type TemplateName } from '../../src/core/render/templates.ts';

/** What of a host a script looks at; in the copies that are run, these lie below the test's own directory. */
const HOST_PATHS =
  /(?<![\w}])\/(?=(?:sys|proc|run|etc\/(?:vllmd|systemd)|usr\/(?:local\/)?lib\/systemd)\/|dev\/(?:vfio\/(?:\$|vfio)|nvidia\[))/g;

export type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** A directory that stands for a host: scripts as they are rendered, with fake files of the kernel's. */
export class FakeHost {
  readonly root = mkdtempSync(`${tmpdir()}/vllmd-libexec-`);
  /** What was called and what was written to the kernel, in this order. */
  readonly log: string[] = [];
  readonly #sockets: Socket[] = [];
  readonly #replaced: (readonly [string, string])[] = [];

  constructor() {
    // Another account may run a script here.
    chmodSync(this.root, 0o755);
    mkdirSync(`${this.root}/bin`);
    mkdirSync(`${this.root}/libexec`);
    this.file('/proc/1/mountinfo', '');
    this.file('/proc/swaps', '');
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.destroy();
    rmSync(this.root, { recursive: true });
  }

  path(path: string): string {
    return this.root + path;
  }

  read(path: string): string {
    return readFileSync(this.root + path, 'utf8')
      .trimEnd()
      .replaceAll(this.root, '');
  }

  exists(path: string): boolean {
    return existsSync(this.root + path);
  }

  file(path: string, text: string): void {
    mkdirSync(dirname(this.root + path), { recursive: true });
    writeFileSync(this.root + path, text === '' ? '' : `${text}\n`);
  }

  directory(path: string): void {
    mkdirSync(this.root + path, { recursive: true });
  }

  /** `target` is a path of the fake host. */
  link(path: string, target: string): void {
    mkdirSync(dirname(this.root + path), { recursive: true });
    rmSync(this.root + path, { force: true });
    symlinkSync(this.root + target, this.root + path);
  }

  /** A link as the kernel shows it, to a path of the real host. */
  realLink(path: string, target: string): void {
    mkdirSync(dirname(this.root + path), { recursive: true });
    symlinkSync(target, this.root + path);
  }

  remove(path: string): void {
    rmSync(this.root + path, { force: true });
  }

  nameOfLink(path: string): string | undefined {
    const link = this.root + path;
    if (lstatSync(link, { throwIfNoEntry: false }) === undefined) return undefined;
    return basename(readlinkSync(link));
  }

  /** A program that takes the place of the host's; it notes each call, and runs `body`. */
  program(name: string, body = ''): void {
    const path = `${this.root}/bin/${name}`;
    writeFileSync(
      path,
      `#!/bin/sh\necho "${name} $*" >>"${this.root}/calls"\n${body.replaceAll('ROOT', this.root)}\n`,
    );
    chmodSync(path, 0o755);
  }

  calls(): readonly string[] {
    return this.exists('/calls') ? this.read('/calls').split('\n') : [];
  }

  /** A file whose every written line is the kernel's business. Without one, a write to it waits, as on a held device. */
  pipe(path: string, onLine?: (line: string) => void): void {
    mkdirSync(dirname(this.root + path), { recursive: true });
    execFileSync('mkfifo', [this.root + path]);
    if (onLine === undefined) return;
    const fd = openSync(this.root + path, constants.O_RDWR | constants.O_NONBLOCK);
    const socket = new Socket({ fd, writable: false });
    socket.on('data', (data) => {
      for (const line of data.toString().trimEnd().split('\n')) {
        this.log.push(`${path.slice(path.lastIndexOf('/') + 1)} ${line}`);
        onLine(line);
      }
    });
    socket.on('error', () => closeSync(fd));
    this.#sockets.push(socket);
  }

  /** Shortens a wait of the scripts. */
  replace(text: string, by: string): void {
    this.#replaced.push([text, by]);
  }

  /** Runs a script as it is rendered, on this host. */
  run(
    script: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    prefix: readonly string[] = [],
  ): Promise<Ended> {
    for (const name of [script, 'vfio-common']) this.#write(name);
    const [program = '', ...rest] = [...prefix, `${this.root}/libexec/${script}`, ...args];
    return new Promise((resolve, reject) => {
      const child = spawn(program, rest, {
        env: { PATH: `${this.root}/bin:${process.env['PATH']}:/usr/sbin:/sbin`, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (data) => {
        stdout += data;
      });
      child.stderr.on('data', (data) => {
        stderr += data;
      });
      child.on('error', reject);
      // Not 'close': a writer that is blocked keeps the pipes open.
      child.on('exit', (code) =>
        setTimeout(() => {
          child.stdout.destroy();
          child.stderr.destroy();
          resolve({ code: code ?? -1, stdout, stderr: stderr.replaceAll(this.root, '') });
        }, 20),
      );
    });
  }

  #write(name: string): void {
    let text = renderTemplate(`libexec/${name}` as TemplateName, {});
    for (const [from, to] of this.#replaced) text = text.replaceAll(from, to);
    const path = `${this.root}/libexec/${name}`;
    writeFileSync(path, text.replace(HOST_PATHS, `${this.root}/`));
    chmodSync(path, 0o755);
  }
}
