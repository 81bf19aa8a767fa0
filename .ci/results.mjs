// results.mjs REPORT: reads a JSON report of vitest and prints `passed failed skipped`, then for each test that failed its
// file and title, with the first and the last lines of why below it.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const linesOfEachEnd = 8;
const why = (text) => {
  const lines = stripVTControlCharacters(text).split('\n');
  const begin = lines.slice(0, linesOfEachEnd);
  const rest = lines.slice(linesOfEachEnd);
  // A report of a whole machine has hundreds of lines, and what was expected of it behind them.
  const end = rest.length <= linesOfEachEnd ? rest : ['…', ...rest.slice(-linesOfEachEnd)];
  return [...begin, ...end].map((line) => `    ${line}`);
};

const read = (path) => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    process.stderr.write(`${path}: ${error.message}\n`);
    return process.exit(1);
  }
};

const report = read(process.argv[2]);
const skipped = (report.numPendingTests ?? 0) + (report.numTodoTests ?? 0);
const lines = [[report.numPassedTests ?? 0, report.numFailedTests ?? 0, skipped].join(' ')];
for (const file of report.testResults ?? []) {
  const name = relative(process.cwd(), file.name);
  const failed = file.assertionResults.filter((test) => test.status === 'failed');
  for (const test of failed) {
    lines.push(`${name}: ${test.fullName}`, ...why((test.failureMessages ?? []).join('\n')));
  }
  if (file.status === 'failed' && failed.length === 0) {
    lines.push(name, ...why(file.message ?? ''));
  }
}
process.stdout.write(`${lines.join('\n')}\n`);
