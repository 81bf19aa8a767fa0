import { randomUUID } from 'node:crypto';
import type { DevicePin } from '../core/facts/device-pin.ts';
import type { Change } from '../core/plan/change.ts';
import type { KnownManifest } from '../core/plan/changes.ts';
import type { Manifest, ManifestFile, ManifestLink, ManifestUnit } from '../core/plan/manifest.ts';
import { MANIFEST_SCHEMA } from '../core/plan/manifest.ts';
import type { Plan } from '../core/plan/plan.ts';
import { ancestors } from '../core/render/parents.ts';
import { INSTALL_DIR, MANIFEST_PATH } from '../core/resolve/layout.ts';
import type { Host } from './host.ts';
import { parentOf } from './tree-reader.ts';

export type ManifestContext = {
  readonly manifest: KnownManifest;
  readonly config: Manifest['config'];
  readonly version: string;
};

/** Keeps the record of what vllmd owns in step with what an apply has done so far. */
export class ManifestWriter {
  readonly #plan: Plan;
  readonly #host: Host;
  readonly #context: ManifestContext;
  readonly #old: Manifest | undefined;
  readonly #made = new Set<string>();
  readonly #started = new Set<string>();
  readonly #down = new Set<string>();
  #kept: readonly string[] = [];
  #saved: string | undefined;
  readonly #lineage: string;

  constructor(plan: Plan, host: Host, context: ManifestContext) {
    this.#plan = plan;
    this.#host = host;
    this.#context = context;
    this.#old = typeof context.manifest === 'object' ? context.manifest : undefined;
    this.#lineage = this.#old?.lineage ?? randomUUID();
    this.#saved = this.#old === undefined ? undefined : serialise(this.#old);
  }

  made(change: Change): void {
    this.#made.add(change.path);
  }

  /** Directories that were not empty. */
  keep(paths: readonly string[]): void {
    this.#kept = paths;
  }

  started(unit: string | undefined): void {
    if (unit !== undefined) this.#started.add(unit);
  }

  /** It does not run because of this install, not because the operator has stopped it. */
  isDown(unit: string | undefined): void {
    if (unit !== undefined) this.#down.add(unit);
  }

  async saveFiles(): Promise<void> {
    await this.#save(this.#next());
  }

  async finish(): Promise<void> {
    const next = this.#next();
    if (next.files.length + next.links.length + next.dirs.length > 0) return this.#save(next);
    if (this.#saved === undefined) return;
    await this.#host.remove(MANIFEST_PATH);
    await this.#host.removeDirectory(INSTALL_DIR);
    await this.#host.removeDirectory(parentOf(INSTALL_DIR));
  }

  #next(): Manifest {
    const { owned } = this.#plan;
    const deleted = this.#plan.changes.filter((change) => change.verb === 'delete');
    const gone = new Set(
      deleted
        .map((change) => change.path)
        .filter((path) => this.#made.has(path) && !this.#kept.includes(path)),
    );
    const isUnchanged = this.#made.size === 0 && this.#old !== undefined;
    const files = this.#entries(owned.files, this.#old?.files ?? [], gone);
    return {
      schema: MANIFEST_SCHEMA,
      lineage: this.#lineage,
      generation: (this.#old?.generation ?? 0) + (isUnchanged ? 0 : 1),
      vllmd: isUnchanged ? (this.#old?.vllmd ?? '') : this.#context.version,
      config: isUnchanged && this.#old !== undefined ? this.#old.config : this.#context.config,
      files,
      links: this.#entries(owned.links, this.#old?.links ?? [], gone),
      units: this.#units(files),
      dirs: owned.dirs.filter((path) => !gone.has(path)),
      devices: this.#devices(),
    };
  }

  /** What is known of a device that was to be given up stays known until it has been. */
  #devices(): readonly DevicePin[] {
    const { changes, owned } = this.#plan;
    const current = owned.devices ?? [];
    if (changes.every(({ path }) => this.#made.has(path))) return current;
    const wanted = new Set(current.map(({ address }) => address));
    const before = this.#old?.devices ?? [];
    return [...current, ...before.filter(({ address }) => !wanted.has(address))];
  }

  /** The new entry of what has been changed or needs no change; the old one of what is still to come. */
  #entries<Owned extends ManifestFile | ManifestLink>(
    owned: readonly Owned[],
    old: readonly Owned[],
    gone: ReadonlySet<string>,
  ): readonly Owned[] {
    const pending = new Set(
      this.#plan.changes.map((change) => change.path).filter((path) => !this.#made.has(path)),
    );
    const before = new Map(old.map((entry) => [entry.path, entry]));
    const current = owned.flatMap((entry) => {
      return pending.has(entry.path) ? (before.get(entry.path) ?? []) : entry;
    });
    const wanted = new Set(owned.map((entry) => entry.path));
    const leftOver = old.filter(
      ({ path }) => !wanted.has(path) && pending.has(path) && !gone.has(path),
    );
    return [...current, ...leftOver].sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** A unit keeps the digest that it was last started with until it has been started with a new one. */
  #units(files: readonly ManifestFile[]): readonly ManifestUnit[] {
    const before = new Map((this.#old?.units ?? []).map((unit) => [unit.name, unit]));
    const wanted = new Set(this.#plan.digests.map(({ unit }) => unit));
    const groups = new Set(files.map(({ group }) => group));
    // Of a runtime that goes but whose files are still there, because it did not stop for instance.
    const leftOver = (this.#old?.units ?? []).filter(
      ({ name, group }) => !wanted.has(name) && group !== 'shared' && groups.has(group),
    );
    const current = this.#plan.digests.flatMap(({ unit, group, digest }) => {
      if (this.#started.has(unit)) return { name: unit, group, startDigest: digest };
      // Without an entry the next install starts it, whatever state it is in by then.
      return this.#down.has(unit) ? [] : (before.get(unit) ?? []);
    });
    return [...current, ...leftOver].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async #save(next: Manifest): Promise<void> {
    const text = serialise(next);
    if (text === this.#saved) return;
    await this.#makeDirectories();
    await this.#host.write(MANIFEST_PATH, text, { mode: 0o600, uid: 0, gid: 0 });
    this.#saved = text;
  }

  async #makeDirectories(): Promise<void> {
    for (const path of ancestors(MANIFEST_PATH)) {
      if ((await this.#host.read(path)).type !== 'absent') continue;
      const mode = path === INSTALL_DIR ? 0o700 : 0o755;
      await this.#host.mkdir(path, { mode, uid: 0, gid: 0 });
    }
  }
}

function serialise(manifest: Manifest): string {
  return `${JSON.stringify(manifest)}\n`;
}
