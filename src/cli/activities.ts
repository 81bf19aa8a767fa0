import { elapsed } from '../core/report/units-human.ts';
import type { Doing, World } from '../host/world.ts';
import type { LiveLine } from './live-line.ts';

type Activity = Doing & {
  /** What a command does; a program that changes a host, or looks at it. */
  readonly kind: 'doing' | 'run' | 'query';
  readonly what: string;
  readonly sinceMs: number;
};

type Telling = Pick<World, 'now' | 'every'> & {
  /** On a terminal; elsewhere what takes long is said once, as a line. */
  readonly line: LiveLine | undefined;
  readonly say: (text: string) => void;
};

/** What is quicker is not worth a line. */
const LONG_MS = 1000;
const TICK_MS = 250;

/** What goes on at the moment: what a command does, and the programs that it runs for that. */
export class Activities {
  readonly #telling: Telling;
  readonly #open: Activity[] = [];
  readonly #said = new Set<Activity>();
  #stopTicking: (() => void) | undefined;

  constructor(telling: Telling) {
    this.#telling = telling;
  }

  /** Returned: its end. */
  begin(kind: Activity['kind'], what: string, how: Doing = {}): () => void {
    const activity = { kind, what, sinceMs: this.#telling.now(), ...how };
    this.#open.push(activity);
    this.#stopTicking ??= this.#telling.every(TICK_MS, () => this.#tick());
    return () => this.#end(activity);
  }

  /** However the command has ended. */
  endAll(): void {
    for (const activity of [...this.#open]) this.#end(activity);
  }

  #end(activity: Activity): void {
    const at = this.#open.indexOf(activity);
    if (at === -1) return;
    this.#open.splice(at, 1);
    this.#said.delete(activity);
    if (this.#open.length > 0) return;
    this.#stopTicking?.();
    this.#stopTicking = undefined;
    this.#telling.line?.erase();
  }

  #tick(): void {
    const { line } = this.#telling;
    const doing = this.#open.findLast(({ kind }) => kind === 'doing');
    // A line above says already what it runs.
    const isCovered = doing?.isTold === true;
    const command = isCovered ? undefined : this.#open.findLast(({ kind }) => kind !== 'doing');
    const long = [doing, command].flatMap((one) => (one && this.#isLong(one) ? one : []));
    if (line === undefined) {
      for (const one of long) this.#sayOnce(one);
    } else if (long.length > 0) line.show(`  ${long.map((one) => this.#text(one)).join(': ')}`);
    else line.erase();
  }

  #isLong({ sinceMs }: Activity): boolean {
    return this.#telling.now() - sinceMs >= LONG_MS;
  }

  #sayOnce(activity: Activity): void {
    const { kind, isTold } = activity;
    if (isTold === true || kind === 'query' || this.#said.has(activity)) return;
    this.#said.add(activity);
    this.#telling.say(`${activity.what}\n`);
  }

  #text({ what, sinceMs, detail }: Activity): string {
    const passedMs = this.#telling.now() - sinceMs;
    return `${what}, ${detail === undefined ? elapsed(passedMs) : detail(passedMs)}`;
  }
}
