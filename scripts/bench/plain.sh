#!/bin/bash
# The least that does a dry run's work without vllmd: reads the config and prints the environment files as diffs.
set -euo pipefail
python3 - "$1" <<'PYTHON'
import difflib, sys, tomllib

with open(sys.argv[1], "rb") as file:
    config = tomllib.load(file)
common = config["global"]
for runtime in config["runtimes"]:
    path = f"/home/{common['user']}/.config/vllmd/runtime-{runtime['index']}.env"
    lines = [
        f"VLLMD_RUNTIME_NAME={runtime['name']}\n",
        f"VLLMD_RUNTIME_GPUS={','.join(runtime['gpus'])}\n",
        f"VLLMD_RUNTIME_MEMORY={runtime.get('memory_gb', common['default_memory_gb'])}G\n",
        f"VLLMD_RUNTIME_CPUS={runtime.get('cpus', common['default_cpus'])}\n",
    ]
    sys.stdout.writelines(difflib.unified_diff([], lines, "/dev/null", path))
PYTHON
