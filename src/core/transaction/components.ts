import { byMember, type Member } from '../resolve/member.ts';

/** Sets of members, joined step by step; each is named by its smallest member. */
export class Components {
  readonly members: readonly Member[];
  readonly #root = new Map<Member, Member>();

  constructor(members: readonly Member[]) {
    this.members = [...new Set(members)].sort(byMember);
    for (const member of this.members) this.#root.set(member, member);
  }

  of(member: Member | undefined): Member | undefined {
    let at = member;
    for (let up = this.#parent(at); up !== at; up = this.#parent(at)) at = up;
    // The next look is short.
    if (member !== undefined && at !== undefined) this.#root.set(member, at);
    return at;
  }

  /** Members that are not touched are left out. */
  join(members: readonly Member[]): void {
    const roots = members.flatMap((member) => this.of(member) ?? []);
    const [first] = roots.toSorted(byMember);
    if (first === undefined) return;
    for (const root of roots) this.#root.set(root, first);
  }

  /** Every set once: first those that are named, in this order. */
  inOrder(first: readonly Member[]): readonly Member[] {
    return [...new Set([...first, ...this.members.flatMap((member) => this.of(member) ?? [])])];
  }

  #parent(member: Member | undefined): Member | undefined {
    return member === undefined ? undefined : this.#root.get(member);
  }
}
