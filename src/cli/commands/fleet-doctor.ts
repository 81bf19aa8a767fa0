import { visible } from '../../core/control-characters.ts';
import { exitCodes } from '../../core/failure.ts';
import type { Finding } from '../../core/fleet/doctor/finding.ts';
import { judgeEligible } from '../../core/fleet/doctor/judge-eligible.ts';
import { judgeFile } from '../../core/fleet/doctor/judge-file.ts';
import { judgeHost } from '../../core/fleet/doctor/judge-host.ts';
import { hostsOf, type View } from '../../core/fleet/doctor/view.ts';
import { redactText, secretsOf } from '../../core/fleet/redact.ts';
import type { Section } from '../../core/fleet/shape.ts';
import { doctorHuman, doctorJson, isHealthy } from '../../core/report/fleet-doctor.ts';
import type { World } from '../../host/world.ts';
import { during } from '../during.ts';
import { mustBeKnown } from '../fleet-entry.ts';
import { type FleetOptions, loadFleetToUse } from '../fleet-file.ts';
import { lookAtHost } from '../look-at-host.ts';
import { untilInterrupted } from '../run-on-host.ts';
import { styleFor } from '../style-for.ts';
import { writeJson } from '../write-json.ts';

type DoctorOptions = FleetOptions & { readonly id?: string | undefined };

/** Looks at each enabled host, or at those of one entry, with all that the list of the file asks of it. Only reads. */
export async function fleetDoctor(
  section: Section,
  options: DoctorOptions,
  world: World,
): Promise<number> {
  const loaded = await loadFleetToUse(options, world);
  if (loaded === undefined) return exitCodes.config;
  const { file, source, access } = loaded;
  const { id } = options;
  if (id !== undefined) mustBeKnown<{ readonly id: string }>(section, id, file[section]);
  const view: View = { section, id };
  const hosts = hostsOf(file, view);
  const looks = await during(world, 'asking hosts', () =>
    untilInterrupted(world, (until) =>
      Promise.all(hosts.map((host) => lookAtHost({ file, host, view, until }, world))),
    ),
  );
  const ofFile = judgeFile(file, { hosts, view }, access);
  const secrets = secretsOf(file);
  const findings = [...ofFile, ...judgeEligible(file, view), ...looks.flatMap(judgeHost)].map(
    (one) => shown(one, secrets),
  );
  if (options.json) writeJson(doctorJson(source.file, findings), world);
  else {
    const look = { style: styleFor(world.stdout), width: world.stdout.columns };
    world.stdout.write(doctorHuman(findings, look));
  }
  return isHealthy(findings) ? exitCodes.ok : exitCodes.runtime;
}

/** What hosts say may repeat a secret. */
function shown(finding: Finding, secrets: readonly string[]): Finding {
  return { ...finding, detail: visible(redactText(finding.detail, secrets)) };
}
