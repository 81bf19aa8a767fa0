import type { PathVariables } from '../config/expand-path.ts';

/** Some account: rules look at the shape of a path, which is the same for all. */
export const sampleVariables: PathVariables = {
  home: '/home/user',
  user: 'user',
  xdgConfigHome: '/home/user/.config',
  xdgStateHome: '/home/user/.local/state',
};
