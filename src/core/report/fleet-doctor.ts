import { counted } from '../counted.ts';
import type { Finding } from '../fleet/doctor/finding.ts';
import { FORMAT_VERSION } from './format-version.ts';
import type { Style } from './style.ts';
import { type Column, table } from './table.ts';

/** What was found out about hosts, for programs. */
export function doctorJson(file: string, findings: readonly Finding[]) {
  return {
    format_version: FORMAT_VERSION,
    ok: isHealthy(findings),
    file,
    findings: findings.map(({ hostId, ...rest }) => ({
      host_id: hostId ?? null,
      ...rest,
    })),
  };
}

/** Warnings are no reason to fail. */
export function isHealthy(findings: readonly Finding[]): boolean {
  return findings.every(({ state }) => state !== 'problem');
}

const titles: readonly Column[] = [
  { title: 'HOST' },
  { title: 'CHECK' },
  { title: 'STATE' },
  { title: 'DETAIL', least: 20, breaks: true },
];

/** For people: all of it as a table, then what is wrong and what would help. */
export function doctorHuman(
  findings: readonly Finding[],
  { style, width }: { readonly style: Style; readonly width: number | undefined },
): string {
  const rows = findings.map(({ hostId, check, state, detail }) => [
    hostId ?? '-',
    check,
    state,
    detail,
  ]);
  const { lines } = table(titles, rows, width, style.bold);
  const wrong = findings.filter(({ state }) => state === 'problem' || state === 'warning');
  const told = wrong.flatMap((finding) => findingLines(finding, style));
  return `${[...lines, '', ...told, endOf(findings)].join('\n')}\n`;
}

function findingLines({ hostId, state, detail, help }: Finding, style: Style): readonly string[] {
  const mark = state === 'problem' ? style.red(state) : style.yellow(state);
  const where = hostId === undefined ? '' : `[${hostId}] `;
  return [`- ${mark}: ${where}${detail}`, ...(help === undefined ? [] : [`  help: ${help}`])];
}

function endOf(findings: readonly Finding[]): string {
  const count = (wanted: Finding['state']) =>
    findings.filter(({ state }) => state === wanted).length;
  const problems = count('problem');
  const warnings = count('warning');
  if (problems + warnings === 0) return 'Doctor: no obvious runtime host issues found.';
  return `Doctor: ${counted(problems, 'problem')}, ${counted(warnings, 'warning')}`;
}
