import { type ExitName, exitCodes, VllmdError } from '../core/failure.ts';
import { FORMAT_VERSION } from '../core/report/format-version.ts';
import type { World } from '../host/world.ts';
import { failureRow } from './show-failure.ts';
import { writeJson, writeJsonLine } from './write-json.ts';
import { writingTo } from './writing-to.ts';

export type JsonAnswer = {
  /** The world as it was given; what goes to its stdout is noted. */
  readonly world: World;
  readonly ask: (args: Readonly<Record<string, unknown>>) => void;
  readonly failed: (failure: VllmdError) => void;
  readonly ended: (code: number) => void;
};

/** What a program gets that has asked for JSON, where the command ends before it has an answer of its own. */
export function jsonAnswer(outside: World): JsonAnswer {
  const { stdout } = outside;
  let command: unknown;
  let isAsked = false;
  let isStream = false;
  let isGiven = false;
  const write = (text: string) => {
    isGiven = true;
    stdout.write(text);
  };
  const failed = (failure: VllmdError) => {
    if (!isAsked || isGiven) return;
    const rest = plans.has(command) ? noPlan : { ok: false };
    const diagnostics = [failureRow(failure)];
    const answer = isStream ? writeJsonLine : writeJson;
    answer({ format_version: FORMAT_VERSION, ...rest, diagnostics }, outside);
  };
  return {
    world: { ...outside, stdout: writingTo(stdout, write) },
    ask: (args) => {
      isAsked = args['json'] === true;
      isStream = args['watch'] !== undefined;
      const words: readonly unknown[] = Array.isArray(args['_']) ? args['_'] : [];
      command = words[0] === 'llama' ? words[1] : words[0];
    },
    failed,
    ended: (code) => {
      const exit = exitNames.find((name) => exitCodes[name] === code) ?? 'unexpected';
      if (exit !== 'ok') failed(new VllmdError(exit, 'stderr says what is wrong'));
    },
  };
}

const plans: ReadonlySet<unknown> = new Set(['install', 'uninstall', 'rollback']);
const noPlan = { applyable: false, complete: false, errored: true };
const exitNames = Object.keys(exitCodes) as readonly ExitName[];
