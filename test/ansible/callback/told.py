"""Writes what each task has come to as one line of JSON, to the file that $VLLMD_TEST_TOLD names."""

import json
import os

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = 'aggregate'
    CALLBACK_NAME = 'told'
    CALLBACK_NEEDS_ENABLED = True

    play = ''

    def v2_playbook_on_play_start(self, play):
        self.play = play.get_name()

    def write(self, line):
        with open(os.environ['VLLMD_TEST_TOLD'], 'a') as file:
            file.write(json.dumps(line, default=str) + '\n')

    def task(self, state, result):
        self.write(
            {
                'host': result._host.get_name(),
                'task': result._task.get_name().split(' : ')[-1],
                'play': self.play,
                'state': state,
                'result': result._result,
            }
        )

    def v2_runner_on_ok(self, result):
        self.task('ok', result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self.task('failed', result)

    def v2_runner_on_skipped(self, result):
        self.task('skipped', result)

    def v2_runner_on_unreachable(self, result):
        self.task('unreachable', result)

    def v2_playbook_on_stats(self, stats):
        for host in sorted(stats.processed):
            self.write({'host': host, 'stats': stats.summarize(host)})
