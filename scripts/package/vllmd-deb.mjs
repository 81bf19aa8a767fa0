// vllmd_VERSION_all.deb: the program, and what an operator reads.
import { loadTypeScript } from '../load-typescript.mjs';
import { changelog } from './changelog.mjs';
import { buildDeb } from './deb.mjs';
import { MAIN, programFiles } from './program.mjs';
import { MAINTAINER, readText, release } from './release.mjs';
import { examples, filesBelow } from './share.mjs';
import { gzip } from './tree.mjs';

const control = {
  Package: 'vllmd',
  Version: release.debianVersion,
  Architecture: 'all',
  Maintainer: MAINTAINER,
  Section: 'admin',
  Priority: 'optional',
  Depends: 'nodejs (>= 20.19)',
  // What an install asks for. `vllmd validate` and reviews of a plan do without.
  Recommends: 'systemd (>= 252), nftables, iproute2, dosfstools, mtools',
  Suggests: `vllmd-hive-sqlite (= ${release.debianVersion}), bash-completion`,
  Description: `declarative LLM inference host
 vllmd turns one TOML file into isolated LLM runtimes on a Linux server with
 GPUs. Each runtime is a cloud-hypervisor VM under systemd, with its GPUs passed
 through by VFIO, its own disk, network address and cloud-init data.
 .
 "vllmd install --dry-run" prints every file as a diff and every systemctl
 action in order; "vllmd install" carries out exactly that plan.
 .
 The hypervisor itself, cloud-hypervisor, is in no Debian release: "vllmd
 precheck" says what a host lacks.`,
};

/** @param {{ sbom: string, licences: string }} contents */
export async function vllmdDeb(contents, out) {
  const files = new Map([
    ...program(),
    ...shared(),
    ...documents(contents),
    ['usr/lib/systemd/system/vllmd-recover.service', { content: await recoverUnit() }],
    [
      'usr/share/lintian/overrides/vllmd',
      { content: readText('packaging/debian/vllmd/lintian-overrides') },
    ],
  ]);
  buildDeb({ control, files, scripts: 'debian/vllmd', time: release.date, out });
}

function program() {
  return [
    ...programFiles().map(([name, content]) => [
      `usr/lib/vllmd/${name}`,
      content.subarray(0, 2).equals(SHEBANG)
        ? { content: withDebianNode(name, content), mode: 0o755 }
        : { content },
    ]),
    ['usr/bin/vllmd', { link: `../lib/vllmd/${MAIN}` }],
  ];
}

const SHEBANG = Buffer.from('#!');

/** The node that the package depends on, whatever else a PATH has. */
function withDebianNode(name, content) {
  const first = '#!/usr/bin/env node\n';
  const text = content.toString('utf8');
  if (!text.startsWith(first)) throw new Error(`dist/${name} does not begin with ${first}`);
  return `#!/usr/bin/node\n${text.slice(first.length)}`;
}

/** Below share/, where Debian has it. */
function shared() {
  return [
    ...filesBelow('dist/share').map(([path, content]) =>
      path.startsWith('man/')
        ? [`usr/share/${path}.gz`, { content: gzip(content) }]
        : [
            `usr/share/${path.replace('zsh/site-functions/', 'zsh/vendor-completions/')}`,
            { content },
          ],
    ),
    ...['schemas', 'templates'].flatMap((folder) =>
      filesBelow(folder).map(([path, content]) => [
        `usr/share/vllmd/${folder}/${path}`,
        { content },
      ]),
    ),
  ];
}

function documents({ sbom, licences }) {
  const doc = 'usr/share/doc/vllmd';
  return [
    [`${doc}/copyright`, { content: readText('packaging/debian/copyright') }],
    [
      `${doc}/changelog.gz`,
      { content: gzip(changelog(readText('CHANGELOG.md'), release, MAINTAINER, 'vllmd')) },
    ],
    [`${doc}/sbom.cdx.json`, { content: sbom }],
    [`${doc}/third-party.txt.gz`, { content: gzip(licences) }],
    ...examples().map(([name, content]) => [`${doc}/examples/${name}`, { content }]),
  ];
}

/**
 * As `vllmd install` renders it, but for the folders of a config, which the package does not know. That in /etc wins, so this
 * one runs only where an install has enabled it and its file is gone.
 */
async function recoverUnit() {
  const { renderTemplate } = await loadTypeScript('src/core/render/templates.ts');
  const view = { configDir: '/etc/vllmd', stateDir: '/var/lib/vllmd' };
  return renderTemplate('vllmd-recover.service', view);
}
