/** Whose turn it is among the services of a role. Only a request that goes to one of them takes a turn. */
export type Turns = {
  readonly of: (roleId: string) => number;
  readonly take: (roleId: string) => void;
};

export function newTurns(): Turns {
  const taken = new Map<string, number>();
  const of = (roleId: string) => taken.get(roleId) ?? 0;
  return { of, take: (roleId) => void taken.set(roleId, of(roleId) + 1) };
}
