#!/usr/bin/python
"""Makes a host as its vllmd config says."""

DOCUMENTATION = r'''
---
module: vllmd_install
short_description: Make a host as its vllmd config says
description:
  - Runs C(vllmd install --json) and reports what its plan has changed.
  - In check mode it runs C(vllmd install --dry-run --json), which changes nothing.
  - With C(--diff) it shows the differences that vllmd shows, and its systemctl actions. Values that vllmd takes for
    sensitive are hidden there as well.
options:
  config:
    description: The config file on the host.
    type: path
    default: /etc/vllmd/config.toml
  content:
    description:
      - The text that the config file has, or that it would have now if this were not check mode.
      - Used in check mode only, where the file does not have it yet.
    type: str
  executable:
    description: The program, by its name or its path.
    type: str
    default: vllmd
  lenient:
    description: Ignore unknown keys and accept other spellings, with a warning each.
    type: bool
    default: false
  start:
    description: Start and restart units.
    type: bool
    default: true
  restart:
    description: Restart runtimes that have changed. Without it they run on as they are until somebody restarts them.
    type: bool
    default: true
  retry_failed:
    description: Start units that have failed though nothing about them has changed.
    type: bool
    default: false
  all_or_nothing:
    description: Take all runtimes back when one does not start.
    type: bool
    default: false
  settle:
    description: How long a started runtime must stay up before the next one, such as C(30s).
    type: str
  only:
    description: Change these runtimes alone, and those that must change with them.
    type: list
    elements: int
    default: []
  max_downtime:
    description: Refuse when runtimes would be down for longer than this in all, such as C(2m).
    type: str
  confirm_within:
    description: Go back after this time, such as C(10m), unless C(vllmd confirm) comes before.
    type: str
  lock_timeout:
    description: How long to wait for another vllmd that changes this host, such as C(60s).
    type: str
  keep_drift:
    description: Edited files that stay as they are. A path that is not in conflict is no error.
    type: list
    elements: path
    default: []
  overwrite_drift:
    description: Edited files that are replaced; copies are kept. A path that is not in conflict is no error.
    type: list
    elements: path
    default: []
  adopt:
    description: Files of others whose place vllmd takes. A path that is not in conflict is no error.
    type: list
    elements: path
    default: []
  reenable:
    description: Enable again what was disabled by hand.
    type: bool
    default: false
  unmask:
    description: Lift masks that are in the way.
    type: bool
    default: false
  allow_empty:
    description: Accept a config without runtimes on a host that has some.
    type: bool
    default: false
  ignored_rules:
    description: Rules whose warnings are not repeated as warnings of Ansible.
    type: list
    elements: str
    default: []
notes:
  - It needs root.
  - Disks of runtimes are never deleted; that is C(vllmd install --purge-data), by hand.
'''

EXAMPLES = r'''
- name: Make the host as its config says
  vllmd_install:
    config: /etc/vllmd/config.toml
    lock_timeout: 60s
'''

RETURN = r'''
exit_code:
  description: That of vllmd; 9 is an install that leaves a restart or a reboot pending.
  type: int
  returned: where vllmd has run
changes:
  description: Files, links and directories that are different now, each with C(path), C(action) and C(reason).
  type: list
  elements: dict
  returned: success
actions:
  description: The systemctl actions in their order, each with C(verb), C(unit) and C(reason).
  type: list
  elements: dict
  returned: success
pending:
  description: Units that run on with an older definition.
  type: list
  elements: str
  returned: where there is a plan
drift:
  description: Paths that are not as vllmd left them, which keeps everything from being changed.
  type: list
  elements: dict
  returned: where there is a plan
diagnostics:
  description: What is wrong with the config or the host, each with C(severity), C(rule) and C(message).
  type: list
  elements: dict
  returned: where vllmd has run
notices:
  description: What else there is to know of the plan.
  type: list
  elements: str
  returned: success
generation:
  description: The number that this install has got.
  type: int
  returned: where something was changed
failures:
  description: Units that did not start, stop or stay up, each with C(unit), C(message) and C(journal).
  type: list
  elements: dict
  returned: where something was changed
rolled_back:
  description: Runtimes that are as they were before, since one of their group has failed.
  type: list
  returned: where something was changed
remaining:
  description: What could not be taken back, with the commands that are left.
  type: list
  elements: dict
  returned: where something was changed
'''

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.vllmd_answer import choices_that_count, diffs_of, install_result, with_file
from ansible.module_utils.vllmd_run import holds, program_of, run_vllmd

CHOICES = ('keep_drift', 'overwrite_drift', 'adopt')
SWITCHES = ('lenient', 'retry_failed', 'all_or_nothing', 'reenable', 'unmask', 'allow_empty')


def main():
    module = AnsibleModule(argument_spec=argument_spec(), supports_check_mode=True)
    program = program_of(module)
    if program is None:
        module.exit_json(
            changed=True,
            msg='vllmd is not installed here yet: what it would change can be told once it is',
        )
    config = config_of(module)
    argv = install_argv(module, config['argument'])
    choices = dict((flag, module.params[flag]) for flag in CHOICES if module.params[flag])
    if choices:
        looked = run_vllmd(module, program, argv + ['--dry-run'], config)
        argv += flags_of(choices_that_count(looked.answer, choices))
    if module.check_mode:
        argv.append('--dry-run')
    else:
        argv += values_of(module, ('confirm_within', 'lock_timeout'))
    # Last: a dry run without it ends well whatever a real run would be refused for.
    ran = run_vllmd(module, program, argv + ['--detailed-exitcode'], config)
    ignored = module.params['ignored_rules']
    answer = with_file(ran.answer, module.params['config'])
    result = install_result(ran.code, answer, ran.stderr, module.check_mode, ignored)
    for text in result.pop('told'):
        module.warn(text)
    if module._diff:
        result['diff'] = diffs_of(ran.answer)
    if result['failed']:
        module.fail_json(**result)
    module.exit_json(**result)


def argument_spec():
    spec = dict((name, dict(type='bool', default=False)) for name in SWITCHES)
    spec.update((name, dict(type='list', elements='path', default=[])) for name in CHOICES)
    spec.update(
        config=dict(type='path', default='/etc/vllmd/config.toml'),
        content=dict(type='str', no_log=True),
        executable=dict(type='str', default='vllmd'),
        start=dict(type='bool', default=True),
        restart=dict(type='bool', default=True),
        only=dict(type='list', elements='int', default=[]),
        ignored_rules=dict(type='list', elements='str', default=[]),
        settle=dict(type='str'),
        max_downtime=dict(type='str'),
        confirm_within=dict(type='str'),
        lock_timeout=dict(type='str'),
    )
    return spec


def config_of(module):
    """In check mode the file is not written: what would be in it goes to standard input, where that is another text."""
    path, content = module.params['config'], module.params['content']
    if module.check_mode and content is not None and not holds(path, content):
        return {'argument': '-', 'stdin': content}
    return {'argument': path, 'stdin': None}


def install_argv(module, config):
    params = module.params
    argv = ['install', '--json', '--quiet', '--config', config]
    argv += [flag_name(name) for name in SWITCHES if params[name]]
    argv += ['--no-' + name for name in ('start', 'restart') if not params[name]]
    argv += values_of(module, ('settle', 'max_downtime'))
    return argv + flags_of({'only': [str(index) for index in params['only']]})


def values_of(module, names):
    return [
        word for name in names if module.params[name] for word in (flag_name(name), module.params[name])
    ]


def flags_of(lists):
    return [word for name in sorted(lists) if lists[name] for word in [flag_name(name)] + lists[name]]


def flag_name(name):
    return '--' + name.replace('_', '-')


if __name__ == '__main__':
    main()
