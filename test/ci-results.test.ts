import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

/** What `.ci/run` counts and tells again of a report. */
function results(report: string | undefined) {
  const folder = mkdtempSync(`${tmpdir()}/vllmd-ci-`);
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'results.json');
  if (report !== undefined) {
    writeFileSync(path, report);
  }
  return spawnSync(process.execPath, ['.ci/results.mjs', path], { encoding: 'utf8' });
}

const test = (status: string, fullName: string, ...failureMessages: string[]) => ({
  status,
  fullName,
  failureMessages,
});

const report = {
  numPassedTests: 2,
  numFailedTests: 1,
  numPendingTests: 1,
  numTodoTests: 1,
  testResults: [
    {
      name: resolve('test/first.test.ts'),
      status: 'failed',
      message: '',
      assertionResults: [
        test('passed', 'holds'),
        test('failed', 'is kept whole', '\u001b[31mexpected 1\u001b[39m\n    at line 3'),
      ],
    },
    {
      name: resolve('test/second.test.ts'),
      status: 'failed',
      message: 'does not load',
      assertionResults: [],
    },
    {
      name: resolve('test/third.test.ts'),
      status: 'passed',
      message: '',
      assertionResults: [test('passed', 'x')],
    },
  ],
};

describe('the report of a suite in CI', () => {
  it('says how many tests passed, failed and were skipped, and again which failed and why', () => {
    expect(results(JSON.stringify(report))).toMatchObject({
      status: 0,
      stdout: `2 1 2
test/first.test.ts: is kept whole
    expected 1
        at line 3
test/second.test.ts
    does not load
`,
    });
  });

  it('shows of a long reason how it begins and how it ends', () => {
    const long = Array.from({ length: 30 }, (_, at) => `line ${at + 1}`).join('\n');
    const failed = { ...report.testResults[0], assertionResults: [test('failed', 'holds', long)] };
    const { stdout } = results(JSON.stringify({ ...report, testResults: [failed] }));
    const shown = stdout.split('\n').slice(2, -1);
    expect(shown).toHaveLength(17);
    expect(shown.slice(7, 10)).toEqual(['    line 8', '    …', '    line 23']);
    expect(shown.at(-1)).toBe('    line 30');
  });

  it.each([
    ['is not there', undefined, 'no such file'],
    ['was cut off', '{"numPassedTests": 3,', 'JSON'],
  ])('fails where it %s', (_what, text, why) => {
    const { status, stdout, stderr } = results(text);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(why);
  });
});
