import { run } from './cli/run.ts';
import { realWorld } from './host/real-world.ts';
import type { Output } from './host/world.ts';

/** Of a host with two runtimes, whose account is on few hosts: what is refused is shown too. */
const hostConfig = `schema_version = 2
[global]
user = "vllm"
[network]
mode = "nat"
[[runtimes]]
index = 1
name = "one"
gpus = ["0000:01:00.0"]
memory_gb = 32
cpus = 8
[[runtimes]]
index = 2
name = "two"
gpus = ["0000:02:00.0"]
memory_gb = 32
cpus = 8
`;

const llamaConfig = `[instance.control]
log_dir = "/var/log/llama"
[instance.server]
n_gpu_layers = 99
flash_attn = "auto"
[instance.small.server]
model = "/models/small.gguf"
port = 8080
`;

const nowhere: Output = { write: () => undefined, hasColour: false, isTerminal: false };

/**
 * Has commands do what they mostly do, and changes nothing: the engine has then compiled what they need. A command that
 * fails here fails as it would for its user, and is none the less compiled.
 */
export async function warmUp(process: NodeJS.Process): Promise<void> {
  const { mkdtempSync, rmSync, writeFileSync } = process.getBuiltinModule('node:fs');
  const folder = mkdtempSync(`${process.getBuiltinModule('node:os').tmpdir()}/vllmd-`);
  try {
    const host = `${folder}/vllmd.toml`;
    const llama = `${folder}/llama.toml`;
    writeFileSync(host, hostConfig);
    writeFileSync(llama, llamaConfig);
    const world = { ...realWorld(process), stdout: nowhere, stderr: nowhere, notes: nowhere };
    for (const line of [
      ['--help'],
      ['validate', host],
      ['install', '--dry-run', '--config', host],
      ['install', '--dry-run', '--json', '--config', host],
      ['status'],
      ['verify'],
      ['llama', 'resolve', '--config', llama],
    ]) {
      await run(line, world);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
