/** One value of a metric. */
export type MetricSample = {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  /** May be NaN or infinite. */
  readonly value: number;
};

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const LABEL = /^[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*(,|(?=\}))/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The values in a text of the Prometheus exposition format; lines that are not understood are left out. */
export function parsePrometheusText(text: string): readonly MetricSample[] {
  return text.split('\n').flatMap((line) => {
    const sample = sampleOf(line.trim());
    return sample === undefined ? [] : [sample];
  });
}

function sampleOf(line: string): MetricSample | undefined {
  // A comment has no name at its begin.
  const name = NAME.exec(line)?.[0];
  if (name === undefined) return undefined;
  const labelled = labelsOf(line.slice(name.length).trimStart());
  if (labelled === undefined) return undefined;
  // A time may follow the value; it is not needed.
  const [number = '', time = '0', ...others] = labelled.rest.trim().split(/[ \t]+/);
  const value = numberOf(number);
  if (value === undefined || !/^-?\d+$/.test(time) || others.length > 0) return undefined;
  return { name, labels: labelled.labels, value };
}

type Labelled = { readonly labels: ReadonlyMap<string, string>; readonly rest: string };

function labelsOf(text: string): Labelled | undefined {
  const labels = new Map<string, string>();
  if (!text.startsWith('{')) return { labels, rest: text };
  let rest = text.slice(1);
  for (let match = LABEL.exec(rest); match !== null; match = LABEL.exec(rest)) {
    const [whole, key = '', value = ''] = match;
    labels.set(key, unescaped(value));
    rest = rest.slice(whole.length);
  }
  rest = rest.trimStart();
  return rest.startsWith('}') ? { labels, rest: rest.slice(1) } : undefined;
}

function unescaped(value: string): string {
  return value.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
}

function numberOf(text: string): number | undefined {
  if (NUMBER.test(text)) return Number(text);
  const word = /^([+-]?)inf(?:inity)?$/i.exec(text);
  if (word !== null) return word[1] === '-' ? -Infinity : Infinity;
  return /^[+-]?nan$/i.test(text) ? Number.NaN : undefined;
}
