"""Running vllmd on a host."""

import collections

from ansible.module_utils.common.text.converters import to_bytes
from ansible.module_utils.vllmd_answer import NoAnswer, answer_of

Ran = collections.namedtuple('Ran', 'code answer stderr')

# A PATH that sudo or sshd has cut short need not have it.
PLACES = ['/usr/local/bin', '/usr/bin']


def program_of(module):
    """The path of the program; None in check mode where it is not there yet."""
    name = module.params['executable']
    path = module.get_bin_path(name, opt_dirs=PLACES)
    if path is None and not module.check_mode:
        module.fail_json(
            msg='there is no program %s on this host: install the package first' % name
        )
    return path


def run_vllmd(module, program, argv, config=None):
    """Its exit code, its JSON and what it has said on stderr. The text of a config comes by standard input."""
    code, out, stderr = module.run_command(
        [program] + argv,
        data=(config or {}).get('stdin'),
        binary_data=True,
        environ_update={'NO_COLOR': '1', 'LC_ALL': 'C.UTF-8'},
    )
    try:
        return Ran(code, answer_of(out), stderr)
    except NoAnswer:
        head = 'vllmd %s has printed no JSON, exit code %d' % (argv[0], code)
        module.fail_json(msg='\n'.join([head, stderr]), exit_code=code)


def holds(path, text):
    """Whether the file has exactly this text."""
    try:
        with open(path, 'rb') as file:
            return file.read() == to_bytes(text)
    except OSError:
        return False
