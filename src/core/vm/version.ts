/** A version of cloud-hypervisor; tags such as `v53.0` have patch 0. */
export type ChVersion = {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
};

/** The oldest version that vllmd works with: it knows `image_type` and has the fix of CVE-2026-45782. */
export const MINIMUM: ChVersion = { major: 51, minor: 2, patch: 0 };

/** The oldest version without known faults that matter here. */
export const RECOMMENDED: ChVersion = { major: 53, minor: 0, patch: 0 };

const REPORTED = /^cloud-hypervisor v?(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?/m;

/** From what `cloud-hypervisor --version` prints; what follows the numbers (a commit, features) does not count. */
export function parseChVersion(text: string): ChVersion | undefined {
  const match = REPORTED.exec(text);
  if (match === null) return undefined;
  const [, major, minor, patch = 0] = match;
  return { major: Number(major), minor: Number(minor), patch: Number(patch) };
}

/** From the way the schema writes a first version: `53` or `50.1`. */
export function versionOf(text: string): ChVersion {
  const [major = 0, minor = 0, patch = 0] = text.split('.').map(Number);
  return { major, minor, patch };
}

/** Negative when `a` is older than `b`, 0 when they are the same. */
export function compareChVersions(a: ChVersion, b: ChVersion): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch;
}

export function isOlder(a: ChVersion, b: ChVersion): boolean {
  return compareChVersions(a, b) < 0;
}

/** `51.2`, and `51.2.1` when there is a patch. */
export function formatChVersion({ major, minor, patch }: ChVersion): string {
  return patch === 0 ? `${major}.${minor}` : `${major}.${minor}.${patch}`;
}
