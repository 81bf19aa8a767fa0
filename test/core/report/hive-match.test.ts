import { expect, test } from 'vitest';
import type { MatchAnswer } from '../../../src/core/hive/match/read-match-answer.ts';
import { hiveMatchHuman, hiveMatchJson } from '../../../src/core/report/hive-match.ts';
import { plainStyle } from '../../../src/core/report/style.ts';

const signals = {
  ...{ task_overlap: 1, loaded: false, p50_latency_ms: null, tokens_per_sec: null },
  ...{ benchmark_match_count: 0, best_workload_overlap: 0, benchmark_quality_score: null },
};

const role: MatchAnswer['candidates'][number] = {
  candidate_type: 'role',
  candidate_id: 'mentor',
  operation: 'chat',
  score: 0.5,
  signals,
  reasons: ['one', 'two', 'three'],
  role: { role_id: 'mentor' },
  service: { service_id: 'h1/chat/m' },
};

const answer: MatchAnswer = {
  body: { status: 'ok', degraded: true },
  candidates: [role, { ...role, candidate_id: 'idle\n', service: null, reasons: [], score: 0 }],
  isDegraded: true,
};

function human(given: MatchAnswer, width?: number): string {
  return hiveMatchHuman(given, { style: plainStyle, width });
}

test('a row has the rank, the score, the service and the first reasons', () => {
  const [head, first, second, note] = human(answer).split('\n');
  expect(head).toMatch(/^RANK +SCORE +TYPE +ID +KIND +SERVICE +REASONS$/);
  expect(first).toMatch(/^1 +0\.5000 +role +mentor +chat +h1\/chat\/m +one; two$/);
  expect(second).toMatch(/^2 +0\.0000 +role +idle\S+ +chat +- +-$/);
  expect(note).toBe('some are on hosts that are silent: there are no others');
});

test('a narrow terminal has the candidates and their scores, and is told what is missing', () => {
  const text = human({ ...answer, isDegraded: false }, 40);
  expect(text).toContain('0.5000');
  expect(text).toContain('mentor');
  expect(text).toMatch(/no room for RANK/);
  expect(text).not.toContain('silent');
});

test('programs get what the registry says, and whether anything fits', () => {
  expect(hiveMatchJson(answer)).toEqual({
    ...{ format_version: '1.0', ok: true, status: 'ok', degraded: true },
  });
  expect(hiveMatchJson({ ...answer, candidates: [] })).toMatchObject({ ok: false });
});
