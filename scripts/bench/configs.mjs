// Configs of any size. The account is that of the contract's example.

/** As many runtimes, each with a GPU of its own. */
export function hostConfig(count) {
  const runtimes = Array.from({ length: count }, (_, position) => {
    const domain = hex(Math.floor(position / (256 * 32)), 4);
    const bus = hex(Math.floor(position / 32) % 256, 2);
    return `[[runtimes]]
index = ${position + 1}
name = "runtime-${position + 1}"
gpus = ["${domain}:${bus}:${hex(position % 32, 2)}.0"]
memory_gb = 1
cpus = 1
`;
  });
  return `[global]\nuser = "sdake"\n\n${runtimes.join('\n')}`;
}

/** As many llama-servers, written as the contract's example has them. */
export function llamaConfig(count) {
  const instances = Array.from({ length: count }, (_, position) => {
    const name = `model-${position + 1}`;
    return `[instance.${name}.server]
model = "/var/lib/models/${name}.gguf"
port = ${10_000 + position}
alias = "${name}"
ctx_size = 8192
`;
  });
  return `[instance.control]
log_dir = "/var/log/llama"

[instance.server]
host = "127.0.0.1"
n_gpu_layers = 99
metrics = true
flash_attn = "auto"

${instances.join('\n')}`;
}

function hex(number, digits) {
  return number.toString(16).padStart(digits, '0');
}
