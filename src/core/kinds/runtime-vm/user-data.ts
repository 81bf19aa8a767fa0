import { renderTemplate } from '../../render/templates.ts';
import type { Desired, DesiredRuntime } from '../../resolve/desired.ts';

/** First lines that cloud-init knows a part by, the longer one of two first. Its documentation calls them user-data formats. */
const kinds: readonly (readonly [string, string])[] = [
  ['#cloud-config-archive', 'text/cloud-config-archive'],
  ['#cloud-config', 'text/cloud-config'],
  ['#cloud-boothook', 'text/cloud-boothook'],
  ['#include-once', 'text/x-include-once-url'],
  ['#include', 'text/x-include-url'],
  ['#part-handler', 'text/part-handler'],
  ['#!', 'text/x-shellscript'],
  ['## template: jinja', 'text/jinja2'],
];
const MIME_START = /^(Content-Type|MIME-Version):/i;

/** What cloud-init takes a text for; undefined where it would ignore it. */
export function userDataKind(text: string): string | undefined {
  if (MIME_START.test(text)) return 'multipart/mixed';
  return kinds.find(([start]) => text.startsWith(start))?.[1];
}

/** What cloud-init does at a guest's first boot: ours, and behind it the operator's own part. */
export function userData(desired: Desired, runtime: DesiredRuntime, own: string): string {
  const ours = renderTemplate('cloud-init/user-data', view(desired, runtime));
  if (own === '') return ours;
  const boundary = boundaryFor(ours + own);
  return [
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    'MIME-Version: 1.0',
    '',
    `--${boundary}`,
    'Content-Type: text/cloud-config; charset="utf-8"',
    '',
    ours,
    `--${boundary}`,
    ownPart(own),
    `--${boundary}--`,
    '',
  ].join('\n');
}

function view({ guest }: Desired, { hostname }: DesiredRuntime) {
  const { user, sshAuthorizedKeys: keys, packages } = guest;
  const account = {
    name: user,
    shell: '/bin/bash',
    sudo: 'ALL=(ALL) NOPASSWD:ALL',
    lock_passwd: true,
    ssh_authorized_keys: keys,
  };
  return {
    hostname,
    users: user === '' ? [] : [account],
    keys: user === '' ? keys : [],
    packages,
  };
}

/** What is MIME already brings its own headers. */
function ownPart(text: string): string {
  if (MIME_START.test(text)) return text;
  const headers = [
    `Content-Type: ${userDataKind(text) ?? 'text/plain'}; charset="utf-8"`,
    // Lists such as `packages` and `runcmd` are added to ours; what both name stays as ours is.
    'X-Merge-Type: list(append)+dict(no_replace,recurse_list)+str()',
  ];
  // A mail parser would take bytes beyond ASCII for another encoding.
  if (!/[^\n\t -~]/.test(text)) return [...headers, '', text].join('\n');
  const lines =
    Buffer.from(text)
      .toString('base64')
      .match(/.{1,76}/g) ?? [];
  return [...headers, 'Content-Transfer-Encoding: base64', '', ...lines, ''].join('\n');
}

function boundaryFor(text: string): string {
  let boundary = '==vllmd==';
  while (text.includes(boundary)) boundary = `=${boundary}`;
  return boundary;
}
