import { resolve } from 'node:path';
import { healthCommand, verifyCommand } from '../core/fleet/doctor/checks.ts';
import type { CommandOutcome, HostLook, KeyFile } from '../core/fleet/doctor/judge-host.ts';
import { needsOf, questionsFor } from '../core/fleet/doctor/needs.ts';
import type { View } from '../core/fleet/doctor/view.ts';
import { expandedKeyPath } from '../core/fleet/key-path.ts';
import { shortLine } from '../core/fleet/last-lines.ts';
import { secretsOf } from '../core/fleet/redact.ts';
import type { RuntimeHost, RuntimesFile } from '../core/fleet/runtimes-file.ts';
import type { HostCommand } from '../core/fleet/select-plan.ts';
import { readHost } from '../host/fleet/read-host.ts';
import { resultWithoutSecrets } from '../host/fleet/result-without-secrets.ts';
import type { ShellResult } from '../host/fleet/transport.ts';
import type { World } from '../host/world.ts';
import { runOn, transportTo } from './run-on-host.ts';

type Asked = {
  readonly file: RuntimesFile;
  readonly host: RuntimeHost;
  readonly view: View;
  readonly until: AbortSignal;
};

/** Finds out all that the doctor judges of one host, in that view. One that is not reached is asked nothing further. */
export async function lookAtHost(
  { file, host, view, until }: Asked,
  world: World,
): Promise<HostLook> {
  const transport = transportTo(host, world);
  const secrets = secretsOf(file);
  const ask = async (command: HostCommand) =>
    outcomeOf(resultWithoutSecrets(await runOn(transport, command, until), secrets));
  const needs = needsOf(file, host, view);
  const key = await keyFileOf(host, world);
  const from = world.now() / 1000;
  const answer = await readHost(transport, questionsFor(needs), until);
  const asked = { from, to: world.now() / 1000 };
  const look = { section: view.section, host, needs, key, asked };
  if (!answer.isReached) {
    const why = whyNot(resultWithoutSecrets(answer.result, secrets));
    return { ...look, why, facts: undefined, health: undefined, verified: new Map() };
  }
  const health = view.section === 'hosts' ? await ask(healthCommand(host)) : undefined;
  const verified = new Map<string, CommandOutcome | { readonly why: string }>();
  for (const backend of needs.backends) {
    const command = verifyCommand(file, host, backend);
    if (command === undefined) continue;
    const outcome = 'why' in command ? command : await ask(command);
    verified.set(backend.id, outcome);
  }
  return { ...look, why: undefined, facts: answer.facts, health, verified };
}

async function keyFileOf({ transport, connection }: RuntimeHost, world: World): Promise<KeyFile> {
  const { key_path: named } = connection;
  if (transport === 'local' || named === undefined) return 'not named';
  const path = expandedKeyPath(named, world.env['HOME'] ?? '');
  try {
    const stat = await world.treeHost('').stat(resolve(world.cwd, path));
    if (stat === undefined) return 'missing';
    return stat.type === 'file' ? { mode: stat.mode & 0o777 } : 'no file';
  } catch (error) {
    // Its message has the path, which is not shown.
    if (error instanceof Error && 'code' in error) return { why: String(error.code) };
    throw error;
  }
}

function whyNot({ connection, exitCode, stderr, isTimedOut }: ShellResult): string {
  if (connection !== undefined) return shortLine(connection);
  if (isTimedOut) return 'it did not answer in time';
  const line = lastLine(stderr);
  return line === '' ? `bash ended with exit code ${exitCode}` : line;
}

function outcomeOf({
  exitCode,
  isTimedOut,
  stdout,
  stderr,
  connection,
}: ShellResult): CommandOutcome {
  return {
    exitCode,
    isTimedOut,
    said: shortLine(connection ?? '') || lastLine(stderr) || lastLine(stdout),
  };
}

/** It says why, more often than the first. */
function lastLine(text: string): string {
  return shortLine(text.trim().split('\n').at(-1)?.trim() ?? '');
}
