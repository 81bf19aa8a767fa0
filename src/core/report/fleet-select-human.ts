import { visible, visibleLines } from '../control-characters.ts';
import { redactText } from '../fleet/redact.ts';
import type { PlanError, SelectPlan, Step } from '../fleet/select-plan.ts';
import { secretsOfPlan } from './fleet-select-json.ts';
import type { Style } from './style.ts';

export type FleetPlanOptions = {
  /** With each command and what takes it back. */
  readonly isVerbose: boolean;
  /** Of the file. */
  readonly secrets: readonly string[];
  readonly style: Style;
};

/** A line for each step, in the order in which they run. */
export function fleetPlanHuman(plan: SelectPlan, options: FleetPlanOptions): string {
  const { isVerbose, style } = options;
  const secrets = secretsOfPlan(plan, options.secrets);
  const lines = [
    style.bold(`Plan for model "${visible(redactText(plan.model.display_name, secrets))}":`),
    `  ${style.dim(visible(plan.reason))}`,
    ...(plan.isReuse ? ['  → Runtime appears to match; will run health re-check probe(s).'] : []),
    ...plan.steps.flatMap((step) => [
      `  [${step.kind}] ${visible(step.description)} (timeout: ${step.timeoutSec}s)`,
      ...(isVerbose ? commandLines(step, secrets).map(style.dim) : []),
    ]),
    ...plan.warnings.map((text) => `${style.yellow('warning')}: ${visible(text)}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** Why there is no plan: each pair that was tried, and what excludes it. */
export function fleetPlanErrorHuman({ code, reason, rejected }: PlanError, style: Style): string {
  const pairs = rejected.map(({ hostId, backendId, rule }) => {
    const backend = backendId === undefined ? '' : `, backend ${visible(backendId)}`;
    return `  host ${visible(hostId)}${backend}: ${ruleInWords(rule)}`;
  });
  const head = `${style.red('Plan failed')}: ${visible(reason)} (${code})`;
  return `${[head, ...pairs].join('\n')}\n`;
}

/** An ID that was asked for and is nobody's is excluded by no key of the file. */
function ruleInWords(rule: string): string {
  if (rule === 'hosts[].id') return 'no host in the file has this id';
  if (rule === 'backends[].id') return 'no backend in the file has this id';
  return `excluded by ${rule}`;
}

/** As which command of the file what takes a step back is written. */
const undoKeys = {
  stop_model: 'stop_cmd',
  cleanup_model: 'cleanup_cmd',
  rollback_backend: 'rollback_cmd',
} as const;

function commandLines(
  { command, probe, undo }: Step,
  secrets: readonly string[],
): readonly string[] {
  const indented = (mark: string, text: string) =>
    visibleLines(redactText(text, secrets))
      .split('\n')
      .map((line, at) => `      ${at === 0 ? mark : ' '.repeat(mark.length)}${line}`);
  return [
    ...indented('$ ', command),
    ...(probe === undefined ? [] : indented('until this fails: ', probe.command)),
    ...undo.flatMap((one) => indented(`undo by ${undoKeys[one.kind]}: `, one.command)),
  ];
}
