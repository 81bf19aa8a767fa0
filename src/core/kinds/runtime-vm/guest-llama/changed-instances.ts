/** Names of the instances that two vendor data do not make the same of, sorted; '' is a guest that has none. */
export function changedInstances(before: string, after: string): readonly string[] {
  const [old, now] = [filesIn(before), filesIn(after)];
  const paths = new Set([...old.keys(), ...now.keys()]);
  const names = [...paths]
    .filter((path) => old.get(path) !== now.get(path))
    .flatMap((path) => instanceOf(path) ?? []);
  return [...new Set(names)].sort();
}

/** What each file is made of, by its path in the guest. */
function filesIn(vendorData: string): ReadonlyMap<string, string> {
  const files = vendorData.matchAll(/^put (\d+) (\/\S+) <<'END'\n(.*?)^END$/gms);
  return new Map([...files].map(([, mode, path = '', content]) => [path, `${mode} ${content}`]));
}

function instanceOf(path: string): string | undefined {
  const [, ofUnit, ofEnvironment] =
    /\/vllmd-llama@(.+)\.service\.d\/|\/llama\/(.+)\.(?:env|secrets)$/.exec(path) ?? [];
  return ofUnit ?? ofEnvironment;
}
