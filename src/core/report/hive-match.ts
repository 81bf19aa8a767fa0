import { visible } from '../control-characters.ts';
import type { MatchAnswer } from '../hive/match/read-match-answer.ts';
import { FORMAT_VERSION } from './format-version.ts';
import type { Style } from './style.ts';
import { type Column, table } from './table.ts';

type Look = {
  readonly style: Style;
  /** Of the terminal; undefined where nothing is to be cut or broken. */
  readonly width: number | undefined;
};

const titles: readonly Column[] = [
  { title: 'RANK', rank: 1 },
  { title: 'SCORE' },
  { title: 'TYPE', rank: 3 },
  { title: 'ID', least: 12 },
  { title: 'KIND', rank: 2 },
  { title: 'SERVICE', least: 12 },
  { title: 'REASONS', least: 20, breaks: true, rank: 4 },
];

/** More are in the JSON. */
const SHOWN_REASONS = 2;

/** The candidates as a table, the best one first, and what is to be known of them below it. */
export function hiveMatchHuman(
  { candidates, isDegraded }: MatchAnswer,
  { style, width }: Look,
): string {
  const rows = candidates.map((one, at) =>
    [
      String(at + 1),
      one.score.toFixed(4),
      one.candidate_type,
      one.candidate_id,
      one.operation,
      one.service?.service_id ?? '-',
      one.reasons.slice(0, SHOWN_REASONS).join('; ') || '-',
    ].map(visible),
  );
  const { lines, leftOut } = table(titles, rows, width, style.bold);
  const notes = [
    ...(leftOut.length === 0 ? [] : [`no room for ${leftOut.join(', ')}`]),
    ...(isDegraded ? ['some are on hosts that are silent: there are no others'] : []),
  ];
  return `${[...lines, ...notes].join('\n')}\n`;
}

/** The answer of the registry, in what every answer for programs has. */
export function hiveMatchJson({ body, candidates }: MatchAnswer): object {
  return { ...body, format_version: FORMAT_VERSION, ok: candidates.length > 0 };
}
