type Scheme = {
  readonly page: string;
  readonly box: string;
  readonly line: string;
  readonly text: string;
  readonly faint: string;
  readonly card: string;
  readonly gpu: string;
  readonly gpuLine: string;
  readonly warn: string;
  readonly use: string;
};

const light: Scheme = {
  page: '#ffffff',
  box: '#f6f8fa',
  line: '#8c959f',
  text: '#1f2328',
  faint: '#57606a',
  card: '#ffffff',
  gpu: '#dafbe1',
  gpuLine: '#1a7f37',
  warn: '#bc4c00',
  use: '#0550ae',
};

const dark: Scheme = {
  page: '#0d1117',
  box: '#161b22',
  line: '#6e7681',
  text: '#e6edf3',
  faint: '#9198a1',
  card: '#0d1117',
  gpu: '#12361f',
  gpuLine: '#3fb950',
  warn: '#f0883e',
  use: '#79c0ff',
};

/** Dark where the reader's system is. Without variables: not every program that draws SVG knows them. */
export const topologyStyle = [
  'text{font:12px ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace}',
  '.title{font-size:15px;font-weight:bold}.strong{font-weight:bold}.right{text-anchor:end}',
  rules(light),
  `@media (prefers-color-scheme:dark){${rules(dark)}}`,
].join('');

function rules(scheme: Scheme): string {
  const { page, box, line, text, faint, card, gpu, gpuLine, warn, use } = scheme;
  return [
    `text{fill:${text}}.page{fill:${page}}.box{fill:${box};stroke:${line}}`,
    `.card,.bridge{fill:${card};stroke:${line}}.bridge{stroke-dasharray:3 3}`,
    `.gpu{fill:${gpu};stroke:${gpuLine};stroke-width:2}.wire{fill:none;stroke:${line}}`,
    `.mixed{stroke:${warn};stroke-width:2}.faint{fill:${faint}}.warn{fill:${warn}}.use{fill:${use}}`,
  ].join('');
}
