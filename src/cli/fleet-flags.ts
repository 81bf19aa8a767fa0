import { isMeantAsSecret, shortSecretFlags } from '../core/config/sensitive-options.ts';
import { VllmdError } from '../core/failure.ts';
import type { JsonObject } from '../core/fleet/json-value.ts';
import { isSecretName } from '../core/fleet/redact.ts';

type Common = {
  readonly displayName?: string | undefined;
  readonly enabled?: boolean | undefined;
};

export type HostFlags = Common & {
  readonly transport?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  readonly gpu?: readonly string[] | undefined;
  readonly vramGb?: number | undefined;
  readonly backends?: readonly string[] | undefined;
  readonly checkCmd?: string | undefined;
  readonly checkTimeout?: number | undefined;
  readonly stopCmd?: string | undefined;
  readonly cleanupCmd?: string | undefined;
};

export type BackendFlags = Common & {
  readonly type?: string | undefined;
  readonly hosts?: readonly string[] | undefined;
  readonly applyCmd?: string | undefined;
  readonly verifyCmd?: string | undefined;
  readonly verifyAlways?: boolean | undefined;
  readonly rollbackCmd?: string | undefined;
  readonly env?: readonly string[] | undefined;
  readonly arg?: readonly string[] | undefined;
};

export type ModelFlags = Common & {
  readonly source?: string | undefined;
  readonly hosts?: readonly string[] | undefined;
  readonly backends?: readonly string[] | undefined;
  readonly startCmd?: string | undefined;
  readonly probeCmd?: string | undefined;
  readonly probeTimeout?: number | undefined;
  readonly probeInterval?: number | undefined;
  readonly port?: number | undefined;
  readonly contextWindow?: number | undefined;
  readonly maxTokens?: number | undefined;
};

/** The keys of an entry that a command line names; others are left out. */
export function hostOfFlags(flags: HostFlags): JsonObject {
  return given({
    ...common(flags),
    transport: flags.transport,
    connection: given({ host: flags.host, port: flags.port, user: flags.user }),
    capabilities: given({ gpu: flags.gpu, vram_gb: flags.vramGb, backends: flags.backends }),
    health: given({ check_cmd: flags.checkCmd, timeout_sec: flags.checkTimeout }),
    model_control: given({ stop_cmd: flags.stopCmd, cleanup_cmd: flags.cleanupCmd }),
  });
}

export function backendOfFlags(flags: BackendFlags): JsonObject {
  return given({
    ...common(flags),
    type: flags.type,
    host_filters: policyOf(flags.hosts),
    apply_cmd: flags.applyCmd,
    verify_cmd: flags.verifyCmd,
    verify_always: flags.verifyAlways,
    rollback_cmd: flags.rollbackCmd,
    env: flags.env === undefined ? undefined : Object.fromEntries(flags.env.map(variableOf)),
    args: flags.arg?.map(openArgument),
  });
}

export function modelOfFlags(flags: ModelFlags): JsonObject {
  return given({
    ...common(flags),
    source: flags.source,
    host_policy: policyOf(flags.hosts),
    backend_policy: policyOf(flags.backends),
    launch: given({
      start_cmd: flags.startCmd,
      probe_cmd: flags.probeCmd,
      probe_timeout_sec: flags.probeTimeout,
      probe_interval_ms: flags.probeInterval,
    }),
    runtime_defaults: given({
      port: flags.port,
      context_window: flags.contextWindow,
      max_tokens: flags.maxTokens,
    }),
  });
}

function common({ displayName, enabled }: Common): JsonObject {
  return { display_name: displayName, enabled };
}

/** Without keys that nobody has named, and without tables in which there is none. */
function given(values: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && !isEmptyTable(value)),
  );
}

function isEmptyTable(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.keys(value).length === 0
  );
}

function policyOf(ids: readonly string[] | undefined): unknown {
  return ids?.length === 1 && ids[0] === 'any' ? 'any' : ids;
}

function openArgument(word: string): string {
  const [name = ''] = word.split('=', 1);
  const isSecret =
    name.startsWith('-') && (isMeantAsSecret(name) || shortSecretFlags.includes(name));
  if (!isSecret) return word;
  const message = `--arg ${name}: a secret on a command line can be seen by every account`;
  throw new VllmdError('usage', message, 'give it in JSON on standard input: --json-from -');
}

/** `KEY=value` */
function variableOf(text: string): readonly [string, string] {
  const cut = text.indexOf('=');
  if (cut < 1) {
    // Not shown: it may be a secret without its name.
    throw new VllmdError('usage', 'a value of --env has no name', 'write --env NAME=value');
  }
  const name = text.slice(0, cut);
  if (isSecretName(name)) {
    const message = `--env ${name}: a secret on a command line can be seen by every account`;
    throw new VllmdError('usage', message, 'give it in JSON on standard input: --json-from -');
  }
  return [name, text.slice(cut + 1)];
}
