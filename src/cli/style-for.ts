import { plainStyle, type Style } from '../core/report/style.ts';
import type { Output } from '../host/world.ts';

const sgr = (code: number) => (text: string) => `\u001b[${code}m${text}\u001b[0m`;

const colourStyle: Style = {
  bold: sgr(1),
  dim: sgr(2),
  red: sgr(31),
  green: sgr(32),
  yellow: sgr(33),
  cyan: sgr(36),
};

export function styleFor(output: Output): Style {
  return output.hasColour ? colourStyle : plainStyle;
}
