import { stringify } from 'yaml';
import type { BenchmarkReport, JsonMap } from '../documents.ts';

/** A report as a file has it: what is not known is left out. */
export function writtenReport({ samples, ...report }: BenchmarkReport): JsonMap {
  return { ...known(report), samples: samples.map(known) };
}

/** The same as YAML. */
export function reportYaml(report: BenchmarkReport): string {
  return stringify(writtenReport(report), { lineWidth: 0 });
}

function known(map: JsonMap): JsonMap {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== null));
}
