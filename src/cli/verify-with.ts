import { exitCodes, VllmdError } from '../core/failure.ts';
import type { Manifest } from '../core/plan/manifest.ts';
import type { Observed } from '../core/plan/observed.ts';
import type { Plan } from '../core/plan/plan.ts';
import type { Unfinished } from '../core/report/status.ts';
import {
  changesPending,
  type Finding,
  findingsOf,
  type UnitsStatus,
  verifyHuman,
  verifyJson,
} from '../core/report/verify.ts';
import type { HostReader } from '../host/host.ts';
import { observe, readManifest } from '../host/inspect.ts';
import { readUnfinished } from '../host/unfinished.ts';
import type { World } from '../host/world.ts';
import { during, READING } from './during.ts';
import type { FoundConfig } from './find-config.ts';
import { warnIfBusy } from './session.ts';
import { shellLine } from './shell-line.ts';
import { withSudo } from './with-sudo.ts';

/** What a layer knows of its units and of its config. */
export type Verifier = {
  readonly statusOf: (
    manifest: Manifest,
    observed: Observed,
    unfinished: Unfinished,
  ) => UnitsStatus;
  /** One that was named; it must be there. */
  readonly find: (named: string) => Promise<FoundConfig>;
  /** What an install of it would do, and the digest of its text; undefined where it is not valid. */
  readonly planOf: (
    config: Pick<FoundConfig, 'absolutePath' | 'bytes'>,
    installed: { readonly manifest: Manifest; readonly observed: Observed },
    host: HostReader,
  ) => Promise<{ readonly plan: Plan; readonly sha256: string } | undefined>;
};

type Options = { readonly config?: string | undefined; readonly json: boolean };

/** Says whether the host is as it was installed. Changes nothing. */
export async function verifyWith(
  verifier: Verifier,
  options: Options,
  world: World,
): Promise<number> {
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
      : await during(world, READING, () =>
          look(verifier, manifest, host, { named: options.config, isBusy }, world),
        );
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
  const recover = `\`sudo ${host.layer.command} recover\``;
  return interrupted
    ? [{ code: 'interrupted', subject, detail: `an install was cut off: ${recover}` }]
    : [{ code: 'not-installed', subject, detail: 'it has installed nothing here' }];
}

async function look(
  verifier: Verifier,
  manifest: Manifest,
  host: HostReader,
  { named, isBusy }: { readonly named: string | undefined; readonly isBusy: boolean },
  world: World,
): Promise<readonly Finding[]> {
  const observed = await observe(host, [], manifest);
  const status = verifier.statusOf(manifest, observed, await readUnfinished(host, isBusy));
  const findings = findingsOf(status, host.layer.command);
  const config = await configToCompare(verifier, manifest, named, world);
  if (config === undefined) return findings;
  const { absolutePath: path } = config;
  const planned = await verifier.planOf(config, { manifest, observed }, host);
  if (planned === undefined) {
    const command = shellLine([...host.layer.command.split(' '), 'validate', path]);
    const detail = `it is not valid: see \`${command}\``;
    return [...findings, { code: 'config-invalid', subject: path, detail }];
  }
  const isAsInstalled = planned.sha256 === manifest.config.sha256;
  return [...findings, ...changesPending(planned.plan, { path, isAsInstalled }, findings)];
}

/** One that was named must be there; the recorded one may be gone, which changes nothing on the host. */
async function configToCompare(
  { find }: Verifier,
  manifest: Manifest,
  named: string | undefined,
  world: World,
): Promise<Pick<FoundConfig, 'absolutePath' | 'bytes'> | undefined> {
  if (named !== undefined) return find(named);
  const { path } = manifest.config;
  const found = world.readConfigFile(path);
  if (found.kind === 'bytes') return { absolutePath: path, bytes: found.bytes };
  // The answer stands on less then: that is told whoever wants it quiet.
  world.stderr.write(`warning: ${path} cannot be read, so it is not compared with the host\n`);
  return undefined;
}
