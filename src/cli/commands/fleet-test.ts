import { visibleLines } from '../../core/control-characters.ts';
import { exitCodes } from '../../core/failure.ts';
import {
  healthCommand,
  hostsOfBackend,
  probeCommands,
  verifyCommand,
} from '../../core/fleet/doctor/checks.ts';
import { lastLines } from '../../core/fleet/last-lines.ts';
import { redactText, secretsOf } from '../../core/fleet/redact.ts';
import type { RuntimesFile } from '../../core/fleet/runtimes-file.ts';
import type { HostCommand } from '../../core/fleet/select-plan.ts';
import type { Section } from '../../core/fleet/shape.ts';
import { FORMAT_VERSION } from '../../core/report/format-version.ts';
import type { ShellResult } from '../../host/fleet/transport.ts';
import type { World } from '../../host/world.ts';
import { during } from '../during.ts';
import { mustBeKnown } from '../fleet-entry.ts';
import { type FleetOptions, loadFleetToUse } from '../fleet-file.ts';
import { runOn, transportTo, untilInterrupted } from '../run-on-host.ts';
import { writeJson } from '../write-json.ts';

type TestOptions = FleetOptions & { readonly id: string };

/** Runs what the file has to test one entry, on the hosts that it is about. */
export async function fleetTest(
  section: Section,
  options: TestOptions,
  world: World,
): Promise<number> {
  const loaded = await loadFleetToUse(options, world);
  if (loaded === undefined) return exitCodes.config;
  const { file } = loaded;
  const { commands, nothing } = testsOf[section](file, options.id);
  const rows = await during(world, 'asking hosts', () =>
    untilInterrupted(world, (until) =>
      Promise.all(commands.map((command) => testOne(command, { file, until }, world))),
    ),
  );
  const isOk = nothing === undefined ? rows.every(({ ok }) => ok) : nothing.isOk;
  if (options.json) {
    const { id } = options;
    const why = nothing === undefined ? {} : { reason: nothing.text };
    writeJson({ format_version: FORMAT_VERSION, ok: isOk, id, results: rows, ...why }, world);
  } else {
    for (const row of rows) tellRow(section, options.id, row, world);
    if (nothing !== undefined) world.stdout.write(`${nothing.text}\n`);
  }
  return isOk ? exitCodes.ok : exitCodes.runtime;
}

type Tests = {
  readonly commands: readonly HostCommand[];
  /** Why there is nothing to run, and whether that is fine. */
  readonly nothing?: { readonly text: string; readonly isOk: boolean };
};

const testsOf: Readonly<Record<Section, (file: RuntimesFile, id: string) => Tests>> = {
  hosts: ({ hosts }, id) => ({ commands: [healthCommand(mustBeKnown('hosts', id, hosts))] }),
  backends: (file, id) => {
    const backend = mustBeKnown('backends', id, file.backends);
    if (backend.verify_cmd === undefined) {
      return { commands: [], nothing: { text: `[${id}] no verify_cmd configured.`, isOk: true } };
    }
    const hosts = hostsOfBackend(file, backend);
    const all = hosts.flatMap((host) => verifyCommand(file, host, backend) ?? []);
    const commands = all.flatMap((one) => ('why' in one ? [] : [one]));
    const [first] = all.flatMap((one) => ('why' in one ? [one.why] : []));
    if (commands.length > 0) return { commands };
    const text = first ?? `no eligible host for backend: ${id}`;
    return { commands, nothing: { text, isOk: false } };
  },
  models: (file, id) => {
    const commands = probeCommands(file, mustBeKnown('models', id, file.models));
    if (commands.length > 0) return { commands };
    return { commands, nothing: { text: `no eligible host for model: ${id}`, isOk: false } };
  },
};

type Row = {
  readonly host_id: string;
  readonly ok: boolean;
  readonly exit_code: number;
  readonly timed_out: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** Why the host was not reached. */
  readonly connection?: string;
};

type Asking = { readonly file: RuntimesFile; readonly until: AbortSignal };

async function testOne(command: HostCommand, { file, until }: Asking, world: World): Promise<Row> {
  const host = mustBeKnown('hosts', command.hostId, file.hosts);
  const result = await runOn(transportTo(host, world), command, until);
  const hide = (text: string) => redactText(text, secretsOf(file));
  return {
    host_id: command.hostId,
    ok: isFine(result),
    exit_code: result.exitCode,
    timed_out: result.isTimedOut,
    stdout: hide(result.stdout),
    stderr: hide(result.stderr),
    ...(result.connection === undefined ? {} : { connection: hide(result.connection) }),
  };
}

function isFine({ exitCode, isTimedOut, isAborted, connection }: ShellResult): boolean {
  return exitCode === 0 && !isTimedOut && !isAborted && connection === undefined;
}

function tellRow(section: Section, id: string, row: Row, { stdout, stderr }: World): void {
  const where = section === 'hosts' ? '' : ` host=${row.host_id}`;
  const end = row.timed_out ? 'timed out' : `exit=${row.exit_code}`;
  stdout.write(`[${id}]${where} ${row.ok ? 'OK' : 'FAIL'} (${end})\n`);
  if (row.ok) return;
  const said = row.connection ?? (row.stderr.trim() || row.stdout.trim());
  const lines = said === '' ? [] : lastLines(said.split('\n'));
  for (const line of lines) stderr.write(`  ${visibleLines(line)}\n`);
}
