/** Lets so many through at a time, and says of the others that they have to come back. */
export type Gate = {
  /** Called when it is through; undefined where there is no room. */
  readonly enter: () => (() => void) | undefined;
  readonly inside: () => number;
};

export function gateFor(limit: number): Gate {
  let inside = 0;
  return {
    enter: () => {
      if (inside >= limit) return undefined;
      inside += 1;
      let isIn = true;
      return () => {
        if (isIn) inside -= 1;
        isIn = false;
      };
    },
    inside: () => inside,
  };
}
