import { quoted } from '../../config/show-value.ts';
import { failure, type Result, success } from '../../result.ts';
import type { CheckedLlama } from '../check.ts';
import { controlOf } from '../control.ts';
import { visibleDevices } from '../gpu-ids.ts';
import type { CheckedInstance } from '../rules/rule.ts';
import { aliasesOf } from './aliases.ts';
import { type Exported, listed } from './exported.ts';
import { isWritable, type PresetLine, presetLines } from './preset-lines.ts';

/** The presets of `llama-server --models-preset`: a section an instance, each with all its options. */
export function presetsOf({ instances, table }: CheckedLlama): Result<Exported> {
  const { kept, dropped } = aliasesOf(instances, isWritable);
  const presets = instances.map((instance) => ({ instance, ...presetLines(instance, table) }));
  const problems = presets.flatMap((preset) => preset.problems);
  if (problems.length > 0) return failure(problems);
  const sections = presets.map(({ instance: { name }, lines }) => {
    const aliases = kept.get(name) ?? [];
    const named = aliases.length === 0 ? [] : [{ key: 'alias', value: aliases.join(',') }];
    return sectionOf(name, [...lines, ...named]);
  });
  return success({ text: sections.join('\n'), notes: [...leftOut(presets), ...told(dropped)] });
}

type Left = { readonly instance: CheckedInstance; readonly left: readonly string[] };

function leftOut(presets: readonly Left[]): readonly string[] {
  const users = new Map<string, Set<string>>();
  for (const { instance, left } of presets) {
    const { gpuIds } = controlOf(instance);
    const own = visibleDevices(gpuIds) === undefined ? left : [...left, 'gpu_ids'];
    for (const what of own) users.set(what, (users.get(what) ?? new Set()).add(instance.name));
  }
  const options = [...users].map(([what, names]) => `${what} (${listed([...names])})`);
  return [
    'one llama-server starts all of them, with one log: how each is launched is left out',
    ...(options.length === 0
      ? []
      : [`what only that llama-server can be given is left out: ${options.join(', ')}`]),
  ];
}

function told(dropped: readonly string[]): readonly string[] {
  if (dropped.length === 0) return [];
  const names = listed(dropped.map((name) => quoted(name)));
  return [`an alias that another model has, or no preset can hold, is left out: ${names}`];
}

function sectionOf(name: string, lines: readonly PresetLine[]): string {
  const rows = lines.map(({ key, value }) => (value === '' ? `${key} =` : `${key} = ${value}`));
  return [`[${name}]`, ...rows, ''].join('\n');
}
