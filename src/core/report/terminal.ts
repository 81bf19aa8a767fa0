import type { Style } from './style.ts';

/** What a text is made for. */
export type Terminal = {
  readonly style: Style;
  /** In columns; undefined where nothing is to be cut or broken. */
  readonly width: number | undefined;
};
