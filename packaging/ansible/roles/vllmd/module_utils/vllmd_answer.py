"""What vllmd printed as JSON, as the result of an Ansible task. Nothing here touches a host."""

import json
import re

# What a code says of the host, where vllmd itself says no more.
MEANINGS = {
    1: 'something unexpected happened',
    2: 'the host is not as it was installed',
    3: 'the config is not valid, or systemd does not understand what follows from it',
    4: 'a unit did not start, stop or stay up',
    5: 'conflict: something is not as vllmd left it, or waits for a word',
    6: 'the host is not ready for the config',
    7: 'another vllmd changes this host',
    8: 'the way back is not finished: the host needs somebody',
    64: 'wrong usage',
    66: 'there is no config',
    77: 'root is required',
    130: 'interrupted, and everything is as before',
    143: 'ended by a signal, and everything is as before',
}

# The options that settle a conflict, by its kind.
DECISIONS = {
    'drifted': 'keep_drift or overwrite_drift (of the role vllmd_keep_drift, vllmd_overwrite_drift)',
    'foreign': 'adopt (of the role vllmd_adopt)',
    'masked': 'unmask (of the role vllmd_unmask)',
}

# Of install --detailed-exitcode: all is well, and something is left for later.
OK, PENDING_CHANGES, PENDING_RESTART = 0, 2, 9


class NoAnswer(Exception):
    """vllmd has printed no JSON."""


def answer_of(text):
    """The object that vllmd has printed."""
    try:
        answer = json.loads(text)
    except ValueError:
        raise NoAnswer() from None
    if not isinstance(answer, dict):
        raise NoAnswer()
    return answer


def with_file(answer, path):
    """The same, where the config that was given on standard input has this name."""
    problems = [
        dict(problem, file=path) if problem.get('file') == '-' else problem
        for problem in answer.get('diagnostics', [])
    ]
    return dict(answer, diagnostics=problems)


def choices_that_count(answer, choices):
    """
    Of the flags that decide about paths those that there is something to decide about now: vllmd refuses the others,
    and in an inventory they stay for as long as nobody takes them out.
    """
    open_paths = set(conflict.get('path') for conflict in answer.get('drift', []))
    counting = {}
    for flag, paths in choices.items():
        left = [path for path in paths if path in open_paths]
        if left:
            counting[flag] = left
    return counting


def install_result(code, answer, stderr, is_look, ignored_rules=()):
    """The result of `vllmd install`, or of its dry run: `changed`, `failed` and what there is to say."""
    result = plan_result(answer)
    has_plan = bool(result['changes'] or result['actions'])
    fine = (OK, PENDING_CHANGES) if is_look else (OK, PENDING_RESTART)
    result['exit_code'] = code
    result['failed'] = code not in fine
    outcome = answer.get('outcome')
    if outcome is not None:
        result.update(outcome)
    if result['failed']:
        result['changed'] = not is_look and has_stayed(answer)
        result['msg'] = failure_text(code, answer, stderr, is_look)
        # Ansible prints a failed result as a whole, and the message is what is to be read of it.
        for name in ('changes', 'actions', 'notices'):
            del result[name]
    else:
        result['changed'] = has_plan
        result['msg'] = summary(result, is_look)
    result['told'] = warnings_of(code, answer, result, ignored_rules)
    return result


def has_stayed(answer):
    """Whether an install that has failed has left something new: groups that were taken back are as before."""
    outcome = answer.get('outcome') or {}
    undone = outcome.get('rolled_back', [])
    groups = set(change.get('group') for change in answer.get('changes', []))
    if outcome.get('generation') is None:
        return bool(outcome.get('remaining'))
    return bool(groups - set(undone) - set(['shared'])) or not undone


def plan_result(answer):
    """The plan without any text of a file."""
    keys = ('path', 'action', 'type', 'reason', 'mode', 'owner', 'target', 'secret')
    return {
        'changes': [picked(change, keys) for change in answer.get('changes', [])],
        'actions': [
            picked(action, ('verb', 'unit', 'reason')) for action in answer.get('actions', [])
        ],
        'pending': answer.get('pending', []),
        'drift': [
            picked(one, ('path', 'kind', 'detail', 'secret')) for one in answer.get('drift', [])
        ],
        'notices': [notice.get('text', '') for notice in answer.get('notices', [])],
        'diagnostics': answer.get('diagnostics', []),
    }


def picked(source, keys):
    return dict((key, source[key]) for key in keys if key in source)


def diffs_of(answer):
    """The plan in the form that Ansible shows with --diff. What vllmd hides is hidden here, for it is vllmd's text."""
    diffs = [{'prepared': diff_text(change)} for change in answer.get('changes', [])]
    actions = answer.get('actions', [])
    if actions:
        lines = ['systemctl actions, in order:'] + [action_line(action) for action in actions]
        diffs.append({'prepared': '\n'.join(lines) + '\n'})
    return diffs


def diff_text(change):
    head = ' '.join([change['action'], change['type'], change['path']])
    details = [
        '%s %s' % (key, change[key]) for key in ('mode', 'owner', 'target') if key in change
    ]
    return '  '.join([head] + details) + '\n' + change.get('diff', '')


def action_line(action):
    name = ' '.join(part for part in (action['verb'], action.get('unit')) if part)
    return '%3d.  %s: %s' % (action['n'], name, action['reason'])


def summary(result, is_look):
    counts = '%s, %s' % (
        counted(len(result['changes']), 'change'),
        counted(len(result['actions']), 'action'),
    )
    if not (result['changes'] or result['actions']):
        return 'as the config says'
    return 'an install would make %s' % counts if is_look else counts


def counted(count, noun):
    return '%d %s%s' % (count, noun, '' if count == 1 else 's')


def warnings_of(code, answer, result, ignored_rules):
    """What somebody should read though the task has not failed."""
    told = [
        problem_line(problem)
        for problem in answer.get('diagnostics', [])
        if problem.get('severity') == 'warning' and problem.get('rule') not in ignored_rules
    ]
    if result['pending']:
        told.append('runs on with an older definition: %s' % ', '.join(result['pending']))
    elif code == PENDING_RESTART:
        told.append('a reboot is pending, or what --only has left out: see `sudo vllmd status`')
    return told


def failure_text(code, answer, stderr, is_look):
    """What vllmd said: each conflict, each problem, each unit that failed, and its own last words."""
    what = 'a real run would be refused' if is_look else 'vllmd install has failed'
    meaning = MEANINGS.get(code)
    head = '%s, exit code %d%s' % (what, code, ': ' + meaning if meaning else '')
    outcome = answer.get('outcome') or {}
    lines = [head]
    lines += [conflict_line(one) for one in answer.get('drift', [])]
    lines += [
        problem_line(problem)
        for problem in answer.get('diagnostics', [])
        if problem.get('severity') == 'error'
    ]
    for failure in outcome.get('failures', []):
        lines += [failure['message']] + journal_lines(failure)
    for left in outcome.get('remaining', []):
        lines += ['left to do: %s' % left.get('command', left['what'])] + journal_lines(left)
    lines += unsaid(stderr, lines)
    return '\n'.join(lines)


def journal_lines(failure):
    return ['  | ' + line for line in failure.get('journal', '').splitlines()]


def unsaid(stderr, lines):
    """What the JSON does not have already."""
    left = []
    for line in stderr.splitlines():
        if re.sub(r'^(error: |[| ]+)', '', line) not in '\n'.join(lines + left):
            left.append(line)
    return left


def conflict_line(conflict):
    line = '%s: %s' % (conflict['path'], conflict['detail'])
    options = DECISIONS.get(conflict['kind'])
    return line if options is None else '%s; to decide: %s' % (line, options)


def problem_line(problem):
    place = ':'.join(
        str(problem[key]) for key in ('file', 'line', 'column') if problem.get(key) is not None
    )
    parts = [part for part in (place, problem.get('message', '')) if part]
    line = '%s [%s]' % (': '.join(parts), problem.get('rule', ''))
    help_text = problem.get('help')
    return line if help_text is None else '%s; help: %s' % (line, help_text)


def verify_result(code, answer, stderr, accept):
    """The result of `vllmd verify`: it fails with each difference that is not accepted."""
    findings = answer.get('findings', [])
    refused = [one for one in findings if one.get('code') not in accept]
    looked = code in (OK, PENDING_CHANGES) and 'findings' in answer
    result = {
        'changed': False,
        'exit_code': code,
        'generation': answer.get('generation'),
        'findings': findings,
        'failed': not looked or bool(refused),
    }
    lines = ['%s: %s: %s' % (one['code'], one['subject'], one['detail']) for one in refused]
    if not looked:
        problems = [problem_line(problem) for problem in answer.get('diagnostics', [])]
        head = 'vllmd verify could not look, exit code %d' % code
        result['msg'] = '\n'.join([head] + problems + stderr.splitlines())
    elif refused:
        result['msg'] = '\n'.join(['the host is not as it was installed'] + lines)
    elif findings:
        codes = sorted(set(one['code'] for one in findings))
        result['msg'] = 'as installed, but for what is accepted: %s' % ', '.join(codes)
    else:
        result['msg'] = 'as installed'
    return result
