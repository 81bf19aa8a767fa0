import { loadConfig } from '../../core/config/load.ts';
import type { Mode } from '../../core/config/mode.ts';
import { exitCodes, VllmdError } from '../../core/failure.ts';
import { noChoices } from '../../core/plan/choices.ts';
import { sha256 } from '../../core/plan/digest.ts';
import type { Manifest } from '../../core/plan/manifest.ts';
import { statusOf } from '../../core/report/status.ts';
import {
  changesPending,
  type Finding,
  findingsOf,
  verifyHuman,
  verifyJson,
} from '../../core/report/verify.ts';
import type { HostReader } from '../../host/host.ts';
import { observe, readManifest } from '../../host/inspect.ts';
import { readUnfinished } from '../../host/unfinished.ts';
import type { World } from '../../host/world.ts';
import { during, READING } from '../during.ts';
import { findConfig } from '../find-config.ts';
import { type ConfigOptions, modeOf } from '../load.ts';
import { prepareInstall } from '../prepare.ts';
import { warnIfBusy } from '../session.ts';
import { shellLine } from '../shell-line.ts';
import { withSudo } from '../with-sudo.ts';

export type VerifyOptions = ConfigOptions;

/** Says whether the host is as it was installed. Changes nothing. */
export async function verify(options: VerifyOptions, world: World): Promise<number> {
  const isBusy = await warnIfBusy(world);
  const host = world.host('');
  const manifest = await readManifest(host);
  if (manifest === 'unknown') {
    const what = 'the record of the last install needs root to read';
    throw new VllmdError('needsRoot', what, `run \`${withSudo(world)}\``);
  }
  const findings =
    manifest === 'none'
      ? await nothingInstalled(host, isBusy)
      : await during(world, READING, () => look(manifest, host, { ...options, isBusy }, world));
  const generation = manifest === 'none' ? 0 : manifest.generation;
  world.stdout.write(
    options.json
      ? `${JSON.stringify(verifyJson(generation, findings), undefined, 2)}\n`
      : verifyHuman(generation, findings),
  );
  return findings.length === 0 ? exitCodes.ok : exitCodes.pending;
}

async function nothingInstalled(host: HostReader, isBusy: boolean): Promise<readonly Finding[]> {
  const { interrupted } = await readUnfinished(host, isBusy);
  const subject = 'vllmd';
  return interrupted
    ? [
        {
          code: 'interrupted',
          subject,
          detail: `an install was cut off: \`sudo ${host.layer.command} recover\``,
        },
      ]
    : [{ code: 'not-installed', subject, detail: 'it has installed nothing here' }];
}

async function look(
  manifest: Manifest,
  host: HostReader,
  { config, isBusy, ...flags }: VerifyOptions & { readonly isBusy: boolean },
  world: World,
): Promise<readonly Finding[]> {
  const observed = await observe(host, [], manifest);
  const status = statusOf(manifest, observed, await readUnfinished(host, isBusy));
  const findings = findingsOf(status);
  return [
    ...findings,
    ...(await compareConfig(
      manifest,
      host,
      { named: config, mode: modeOf({ ...flags, isForHost: true }), findings },
      world,
    )),
  ];
}

async function compareConfig(
  manifest: Manifest,
  host: HostReader,
  {
    named,
    mode,
    findings,
  }: {
    readonly named: string | undefined;
    readonly mode: Mode;
    readonly findings: readonly Finding[];
  },
  world: World,
): Promise<readonly Finding[]> {
  const config = await configToCompare(manifest, named, world);
  if (config === undefined) return [];
  const { path, bytes } = config;
  const { text, result } = loadConfig(bytes, mode);
  if (!result.ok) {
    const detail = `it is not valid: see \`${shellLine(['vllmd', 'validate', path])}\``;
    return [{ code: 'config-invalid', subject: path, detail }];
  }
  const options = { allowEmpty: true, choices: noChoices };
  const { wholePlan } = await prepareInstall(result.value, host, options);
  const isAsInstalled = sha256(text) === manifest.config.sha256;
  return changesPending(wholePlan, { path, isAsInstalled }, findings);
}

/** One that was named must be there; the recorded one may be gone, which changes nothing on the host. */
async function configToCompare(
  manifest: Manifest,
  named: string | undefined,
  world: World,
): Promise<{ readonly path: string; readonly bytes: Uint8Array } | undefined> {
  if (named !== undefined) {
    const { absolutePath: path, bytes } = await findConfig(named, world);
    return { path, bytes };
  }
  const { path } = manifest.config;
  const found = world.readConfigFile(path);
  if (found.kind === 'bytes') return { path, bytes: found.bytes };
  // The answer stands on less then: that is told whoever wants it quiet.
  world.stderr.write(`warning: ${path} cannot be read, so it is not compared with the host\n`);
  return undefined;
}
