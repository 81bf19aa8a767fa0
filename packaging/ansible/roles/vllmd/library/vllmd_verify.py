#!/usr/bin/python
"""Says whether a host is as vllmd has installed it."""

DOCUMENTATION = r'''
---
module: vllmd_verify
short_description: Say whether a host is as vllmd has installed it
description:
  - Runs C(vllmd verify --json), which changes nothing, and fails where the host is not as it was installed.
options:
  config:
    description: The config to compare with; else that of the last install.
    type: path
  executable:
    description: The program, by its name or its path.
    type: str
    default: vllmd
  lenient:
    description: Ignore unknown keys of the config and accept other spellings.
    type: bool
    default: false
  accept:
    description: Codes of findings that are no failure, such as C(restart-pending).
    type: list
    elements: str
    default: []
notes:
  - It needs root.
'''

EXAMPLES = r'''
- name: See whether the host is as it was installed
  vllmd_verify:
    accept: [restart-pending]
'''

RETURN = r'''
exit_code:
  description: That of vllmd; 2 is a host that is not as it was installed.
  type: int
  returned: always
generation:
  description: The number of the last install.
  type: int
  returned: where vllmd could look
findings:
  description: What differs, each with C(code), C(subject) and C(detail), those that are accepted among them.
  type: list
  elements: dict
  returned: always
'''

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.vllmd_answer import verify_result
from ansible.module_utils.vllmd_run import program_of, run_vllmd


def main():
    spec = dict(
        config=dict(type='path'),
        executable=dict(type='str', default='vllmd'),
        lenient=dict(type='bool', default=False),
        accept=dict(type='list', elements='str', default=[]),
    )
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
    program = program_of(module)
    if program is None:
        module.exit_json(changed=False, findings=[], msg='vllmd is not installed here yet')
    argv = ['verify', '--json', '--quiet']
    if module.params['config']:
        argv += ['--config', module.params['config']]
    if module.params['lenient']:
        argv.append('--lenient')
    ran = run_vllmd(module, program, argv)
    result = verify_result(ran.code, ran.answer, ran.stderr, module.params['accept'])
    if result['failed']:
        module.fail_json(**result)
    module.exit_json(**result)


if __name__ == '__main__':
    main()
