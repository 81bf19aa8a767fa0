import type { Layer } from '../resolve/layer.ts';
import { memberName } from '../resolve/member.ts';
import type { Generation } from '../transaction/generation.ts';
import { columns } from './columns.ts';
import { FORMAT_VERSION } from './format-version.ts';
import type { Style } from './style.ts';

type Row = {
  readonly generation: number;
  readonly at: string;
  readonly operation: string;
  readonly vllmd: string;
  readonly config: string;
  readonly config_sha256: string;
  /** Indices of runtimes, or names of instances. */
  readonly runtimes: readonly (number | string)[];
  /** Those whose definition it changed. */
  readonly changed: readonly (number | string)[];
  readonly current: boolean;
};

export type History = {
  readonly format_version: string;
  readonly ok: true;
  readonly generations: readonly Row[];
};

/** Newest first. */
export function historyOf(generations: readonly Generation[], current: number): History {
  return {
    format_version: FORMAT_VERSION,
    ok: true,
    generations: generations
      .map(({ manifest, at, operation, changed }) => ({
        generation: manifest.generation,
        at,
        operation,
        vllmd: manifest.vllmd,
        config: manifest.config.path,
        config_sha256: manifest.config.sha256,
        runtimes: (manifest.runtimes ?? []).map(({ index }) => memberName(index)),
        changed: changed.map(memberName),
        current: manifest.generation === current,
      }))
      .toSorted((a, b) => b.generation - a.generation),
  };
}

export function historyHuman(
  { generations }: History,
  { command, member }: Layer,
  style: Style,
): string {
  if (generations.length === 0) return 'no install is kept\n';
  const rows = generations.map((row) => [
    String(row.generation),
    row.at.replace('T', ' ').replace(/\.\d+Z$/, ' UTC'),
    row.operation,
    row.runtimes.join(', ') || '-',
    row.changed.join(', ') || '-',
    row.config_sha256.slice(0, 12),
    row.config,
    row.current ? 'current' : '',
  ]);
  const head = [
    'GENERATION',
    'TIME',
    'BY',
    `${member.toUpperCase()}S`,
    'CHANGED',
    'CONFIG',
    '',
    '',
  ];
  const last = generations.at(-1)?.generation ?? 0;
  const hint = `\`sudo ${command} rollback N\` goes back to one of them; 0 is before the first install${last > 1 ? `, those before ${last} are not kept` : ''}`;
  return `${[...columns([head, ...rows]), style.bold(hint)].join('\n')}\n`;
}
