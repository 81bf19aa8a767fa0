import { type Diagnostic, errorAt } from '../diagnostic.ts';
import { INSTALL_DIR, runtimePaths } from '../resolve/layout.ts';
import { pastedWord } from '../shell-word.ts';
import { ofHost, type PreflightInput, warningAt } from './check.ts';

/** The account that the VMs run as, and what it may reach. */
export function accountChecks(input: PreflightInput): readonly Diagnostic[] {
  return [
    ...userExists(input),
    ...homeExists(input),
    ...homeApart(input),
    ...kvmGroup(input),
    ...filesReadable(input),
    ...disksBelongToUser(input),
  ];
}

function userExists({ desired: { account } }: PreflightInput): readonly Diagnostic[] {
  if (account.known) return [];
  if (account.isUntold === true) {
    return [
      warningAt(
        'user-exists',
        '/global/user',
        `global.user: the recording does not tell whether the host has the account "${account.name}"`,
        `ask there: getent passwd ${account.name}; its home is taken to be ${account.home}`,
      ),
    ];
  }
  return [
    errorAt(
      'user-exists',
      '/global/user',
      `global.user: the host has no account "${account.name}"`,
      `create it, for example: sudo useradd --system --create-home ${account.name}`,
    ),
  ];
}

/** A home is made by whoever makes the account, with its own owner and contents. */
function homeExists({ desired, facts }: PreflightInput): readonly Diagnostic[] {
  const { account, configDir, stateDir } = desired;
  const isUsed = [configDir, stateDir].some((path) => path.startsWith(`${account.home}/`));
  if (!account.known || facts.homeExists || !isUsed) return [];
  return [
    errorAt(
      'home-exists',
      '/global/user',
      `global.user: the account "${account.name}" has the home ${account.home}, which does not exist`,
      'create it with this owner, or name other directories in state_dir and config_dir',
    ),
  ];
}

/** Whoever owns a directory can exchange what lies in it: also the record, which root follows. */
function homeApart({ desired: { account } }: PreflightInput): readonly Diagnostic[] {
  const { name, home, known } = account;
  if (!known || !`${INSTALL_DIR}/`.startsWith(`${home}/`)) return [];
  return [
    errorAt(
      'home-apart',
      '/global/user',
      `global.user: ${home}, the home of "${name}", holds ${INSTALL_DIR}, from which root takes what to do`,
      `give the account a home of its own: sudo usermod --home /home/${name} --move-home ${name}; then: sudo chown root:root ${pastedWord(home)}`,
    ),
  ];
}

function kvmGroup({ facts }: PreflightInput): readonly Diagnostic[] {
  if (facts.hasKvmGroup) return [];
  const message = 'the host has no group "kvm", through which a VM reaches /dev/kvm';
  const help =
    'sudo groupadd --system kvm; then: sudo udevadm trigger /dev/kvm, which gives the device to it';
  return [ofHost('kvm-group', message, help)];
}

function filesReadable({ desired: { account }, facts }: PreflightInput): readonly Diagnostic[] {
  return facts.unreadable.map((path) =>
    ofHost(
      'file-readable',
      `${account.name} may not read ${path}, which its virtual machines start from`,
      `sudo chmod a+r ${pastedWord(path)}, and a+x each directory above it that others may not enter`,
    ),
  );
}

/** The VM runs as the service account and has to write its disk. */
function disksBelongToUser({ desired, facts }: PreflightInput): readonly Diagnostic[] {
  const { account, runtimes } = desired;
  if (!account.known) return [];
  return runtimes.flatMap(({ index, source }) => {
    const { dir } = runtimePaths(desired, index);
    const uid = facts.diskOwners.get(`${dir}/disk.raw`);
    if (uid === undefined || uid === account.uid) return [];
    return [
      errorAt(
        'disk-belongs-to-user',
        source,
        `runtime ${index}: ${dir}/disk.raw belongs to user id ${uid}, the VM runs as ${account.name}`,
        `stop the runtime, then: sudo chown ${account.name}:${account.group} ${pastedWord(`${dir}/disk.raw`)} ${pastedWord(`${dir}/seed.img`)}`,
      ),
    ];
  });
}
