import { programDirs } from '../../facts/facts.ts';
import { HIDDEN } from '../arguments.ts';
import { visibleDevices } from '../gpu-ids.ts';
import type { LlamaInstance } from '../instance.ts';

type Variables = Readonly<Record<string, string | undefined>>;

export type EnvironmentOptions = {
  /** Of vllmd itself. */
  readonly own: Variables;
  /** Names of variables that are passed on besides. */
  readonly passed: readonly string[];
  /** The directory of the executable, where its libraries lie beside it. */
  readonly libraries: string | undefined;
};

const GPUS = 'CUDA_VISIBLE_DEVICES';
const LIBRARIES = 'LD_LIBRARY_PATH';

/** Where programs are looked for. */
export function searchPath(own: Variables): string {
  const { PATH = '' } = own;
  return PATH === '' ? programDirs.join(':') : PATH;
}

/**
 * All of the environment of an instance. A variable of llama-server's own that happens to be set would reach every
 * instance, so little is passed on. GPUs that the file does not choose are those that vllmd itself may see.
 */
export function environmentOf(
  { control, launch }: Pick<LlamaInstance, 'control' | 'launch'>,
  { own, passed, libraries }: EnvironmentOptions,
): Readonly<Record<string, string>> {
  const names = new Set(['HOME', GPUS, ...passed]);
  const inherited = [...names].flatMap((name) => {
    const value = own[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const devices = visibleDevices(control.gpuIds);
  const others = own[LIBRARIES] ?? '';
  return {
    ...Object.fromEntries(inherited),
    PATH: searchPath(own),
    ...(devices === undefined ? {} : { [GPUS]: devices }),
    ...(libraries === undefined
      ? {}
      : { [LIBRARIES]: others === '' ? libraries : `${libraries}:${others}` }),
    ...Object.fromEntries(launch.secrets),
  };
}

const SECRET_NAME = /KEY|TOKEN|SECRET|PASSW|CREDENTIAL/i;

/** The values in it that may not be shown, by the names of their variables. */
export function secretsIn(environment: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(environment).flatMap(([name, value]) =>
    SECRET_NAME.test(name) ? value : [],
  );
}

/** Variables that hold no secret; one that was asked for by name can hold anything. */
const HARMLESS: ReadonlySet<string> = new Set(['PATH', 'HOME', GPUS, LIBRARIES]);

/** What stands for each of its values where it is shown. */
export function shownEnvironment(
  environment: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, HARMLESS.has(name) ? value : HIDDEN]),
  );
}

/** Libraries that lie in one directory with the executable, as in a bundle. */
export function isOwnLibrary(name: string): boolean {
  return /^lib(?:llama|ggml).*\.so(?:\.|$)/.test(name);
}
