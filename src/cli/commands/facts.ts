import type { ConfigInput } from '../../core/config/config-input.gen.ts';
import { loadConfig } from '../../core/config/load.ts';
import { assumedUser } from '../../core/facts/accounts.ts';
import { exitCodes, VllmdError } from '../../core/failure.ts';
import { writeRecording } from '../../core/recording/recording.ts';
import type { HostReader } from '../../host/host.ts';
import { readAccount } from '../../host/inspect.ts';
import { assumedInput, readers } from '../../host/readers.ts';
import { createRecorder } from '../../host/recorder.ts';
import type { World } from '../../host/world.ts';
import { type ConfigOptions, modeOf } from '../config-options.ts';
import { during, READING } from '../during.ts';
import { findConfig, isConfigNamed } from '../find-config.ts';
import { loadAndTell, tellForgiven } from '../load.ts';
import { shellLine } from '../shell-line.ts';
import { withSudo } from '../with-sudo.ts';

/** Prints what this host answers to everything that vllmd asks a host, without what is nobody else's business. */
export async function facts(given: Omit<ConfigOptions, 'json'>, world: World): Promise<number> {
  const found = await wantedConfig({ ...given, json: false }, world);
  if (found === 'invalid') return exitCodes.config;
  const host = world.host('');
  const users = [...(found === undefined ? [] : [found.global.user]), ...invokers(world)];
  const { reader, answers } = createRecorder(host, await accountsOf(host, users));
  const assumed = await assumedInput(reader, users[0] ?? assumedUser);
  const inputs = found === undefined ? [assumed] : [found, assumed];
  for (const read of readers) {
    try {
      await during(world, READING, () => read(reader, inputs));
    } catch (error) {
      // What a command would end with on this host: the recording holds what led to it.
      if (!(error instanceof VllmdError)) throw error;
      world.stderr.write(`warning: the recording is not complete: ${error.message}\n`);
    }
  }
  const isRoot = world.uid === 0;
  world.stdout.write(writeRecording({ vllmdVersion: world.version, isRoot, ...answers() }));
  if (!isRoot) {
    world.notes.write(
      `note: recorded without root: the rest of PCI configuration space, processes of others and the record of the last install are not in it; \`${withSudo(world)}\` has them\n`,
    );
  }
  return exitCodes.ok;
}

/** One that was named has to be right; one that lies in a usual place is used where it is. */
async function wantedConfig(
  options: ConfigOptions,
  world: World,
): Promise<ConfigInput | 'invalid' | undefined> {
  if (isConfigNamed(options.config, world)) {
    return (await loadAndTell(options, world))?.input ?? 'invalid';
  }
  try {
    const { file, bytes } = await findConfig(undefined, world);
    const { text, result } = loadConfig(bytes, modeOf(options));
    if (result.ok) {
      await tellForgiven(result.warnings, { file, text }, world);
      return result.value;
    }
    world.notes.write(
      `note: ${file} is not valid, and is not used: see \`${shellLine(['vllmd', 'validate', file])}\`\n`,
    );
  } catch (error) {
    if (!(error instanceof VllmdError && error.exit === 'noConfig')) throw error;
    world.notes.write(
      `note: ${error.message}: the default places are recorded; --config FILE adds those of a config\n`,
    );
  }
  return undefined;
}

/** Whoever types the command may be who runs the VMs. */
function invokers({ env }: World): readonly string[] {
  const { SUDO_USER, USER } = env;
  return [SUDO_USER, USER].flatMap((name) =>
    name === undefined || name === '' || name === 'root' ? [] : [name],
  );
}

async function accountsOf(host: HostReader, users: readonly string[]) {
  const names = ['root', assumedUser, ...users];
  const accounts = await Promise.all(names.map((name) => readAccount(host, name)));
  const groupIds = accounts.filter(({ known }) => known).map(({ gid }) => String(gid));
  return { accounts: new Set(names), groupIds: new Set(groupIds) };
}
