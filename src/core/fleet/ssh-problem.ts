/** Why ssh did not get there, or lost it again, in one line of its own words; '' where it says nothing. */
export function sshProblem(stderr: string): string {
  const lines = stderr.split(/\r?\n/).map((line) => line.trim());
  const told = lines.filter((line) => line !== '' && !/^[@*]/.test(line));
  if (stderr.includes('REMOTE HOST IDENTIFICATION HAS CHANGED')) {
    const place = told.find((line) => line.startsWith('Offending ')) ?? '';
    return `host key verification failed: the host has another key than the one that is known${place === '' ? '' : ` (${place})`}`;
  }
  const last = told.at(-1) ?? '';
  if (last === 'Host key verification failed.') return hostKeyProblem(told);
  const why = last.replace(/^ssh: /, '').replace(/\.$/, '');
  const cause = told.find((line) => CAUSE.test(line));
  return cause === undefined ? why : `${why} (${cause.replace(/\.$/, '')})`;
}

/** Why a key or a password could not be used, where that is why the account does not let us in. */
const CAUSE = /^(no such identity: |Load key |Permissions .* are too open|ssh_askpass: )/;

function hostKeyProblem(told: readonly string[]): string {
  const why = told.find((line) => /^No .* host key is known for /.test(line));
  if (why === undefined) return 'host key verification failed';
  const known = why.replace(/ and you have requested strict checking\.$/, '');
  return `host key verification failed: ${known.charAt(0).toLowerCase()}${known.slice(1)}; log in once by hand, or add it to known_hosts`;
}
