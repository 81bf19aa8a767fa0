import { IMAGE_HEAD_BYTES, imageFormat } from '../core/facts/image-format.ts';
import { VllmdError } from '../core/failure.ts';
import { isActive, isStarting } from '../core/plan/observed.ts';
import { ETC_DIR, runtimeUnit } from '../core/resolve/layout.ts';
import { pastedWord } from '../core/shell-word.ts';
import type { ApplyEvent } from './apply-event.ts';
import type { Host, HostReader } from './host.ts';
import { readAccount } from './inspect.ts';
import { readText } from './read-text.ts';
import { unreadableFor } from './readable.ts';
import { type Failure, runUnit } from './run-unit.ts';
import { readUnit } from './systemctl.ts';
import { watchCopy } from './watch-copy.ts';

/** What a reset of a disk does, as data. */
export type DiskReset = {
  readonly index: number;
  readonly unit: string;
  /** It runs now, and shall again. */
  readonly runs: boolean;
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  readonly baseImage: string;
  readonly imageBytes: number;
  /** What the new disk is called while it is being written. */
  readonly newDisk: string;
};

/** Throws where the disk could not be made again: it is the last thing to find out once the old one is gone. */
export async function planDiskReset(host: HostReader, index: number): Promise<DiskReset> {
  const environment = await readText(host, `${ETC_DIR}/runtime-${index}.env`);
  const directory = readValue('VLLMD_RUNTIME_DIR', environment);
  if (directory === undefined) {
    const message = `vllmd has installed no runtime ${index} here`;
    throw new VllmdError('usage', message, '`sudo vllmd status` lists the runtimes');
  }
  const baseImage = readValue('VLLMD_RUNTIME_BASE_IMAGE', environment) ?? '';
  const files = await filesOf(host, directory);
  const imageBytes = await usableImage(host, baseImage, `runtime ${index} would have no disk`);
  await mustBeReadable(host, baseImage, readValue('VLLMD_RUNTIME_USER', environment) ?? '');
  const freed = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const free = await host.freeBytes(directory);
  if (free !== undefined && imageBytes > free + freed) {
    const message = `${directory}: too little room for a copy of ${baseImage}`;
    throw new VllmdError('preflight', message, 'make room on this filesystem first');
  }
  const unit = runtimeUnit(index);
  const state = await readUnit(host, unit);
  return {
    index,
    unit,
    runs: isActive(state) || isStarting(state),
    files,
    baseImage,
    imageBytes,
    newDisk: `${directory}/disk.raw.new`,
  };
}

/** Nothing is deleted while the VM still runs. */
export async function resetDisk(
  host: Host,
  reset: DiskReset,
  on: (event: ApplyEvent) => void,
): Promise<readonly Failure[]> {
  const { index, unit, runs, files } = reset;
  const failed = (failure: Failure | undefined) => {
    if (failure !== undefined) on({ kind: 'failed', failure });
    return failure === undefined ? [] : [failure];
  };
  if (runs) {
    const failures = failed(await runUnit('stop', unit, host));
    if (failures.length > 0) return failures;
  }
  for (const { path } of files) await host.remove(path);
  if (!runs) return [];
  const copy = { index, path: reset.newDisk, totalBytes: reset.imageBytes };
  const report = (doneBytes: number) => on({ kind: 'copying', copy, doneBytes });
  return failed(await watchCopy(copy, host, report, () => runUnit('start', unit, host)));
}

/** How many bytes a copy of it takes. */
async function usableImage(host: HostReader, path: string, consequence: string): Promise<number> {
  const image = path === '' ? undefined : await host.stat(path);
  const head = path === '' ? undefined : await host.readBytes(path, IMAGE_HEAD_BYTES);
  const format = imageFormat(head ?? new Uint8Array());
  if (image !== undefined && format === 'raw') return image.allocatedBytes;
  const found = image === undefined ? 'does not exist' : `is no raw disk image but ${format}`;
  const message = `the base image ${path} ${found}: ${consequence}`;
  throw new VllmdError('preflight', message, 'put one there, or name another one in the config');
}

/** The copy is made by the service user. */
async function mustBeReadable(host: HostReader, path: string, user: string): Promise<void> {
  const account = await readAccount(host, user);
  if ((await unreadableFor(host, account, [path])).length === 0) return;
  const message = `${user} may not read the base image ${path}: no new disk could be made`;
  throw new VllmdError(
    'preflight',
    message,
    `sudo chmod a+r ${pastedWord(path)}, and a+x each directory above it that others may not enter`,
  );
}

/** As `envValue` has written it: what is quoted has a backslash before quotes, dollars and backslashes. */
function readValue(key: string, environment: string): string | undefined {
  const line = environment.split('\n').find((text) => text.startsWith(`${key}=`));
  const value = line?.slice(key.length + 1);
  if (value?.startsWith('"') !== true) return value;
  return value.slice(1, -1).replace(/\\(.)/g, '$1');
}

async function filesOf(host: HostReader, directory: string): Promise<DiskReset['files']> {
  const files: { path: string; bytes: number }[] = [];
  for (const name of ['disk.raw', 'disk.raw.new']) {
    const path = `${directory}/${name}`;
    const stat = await host.stat(path);
    if (stat !== undefined) files.push({ path, bytes: stat.allocatedBytes });
  }
  return files;
}
