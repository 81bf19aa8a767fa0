import { exitCodes, VllmdError } from '../core/failure.ts';
import { jsonValueOf } from '../core/fleet/json/json-value-of.ts';
import { parseJson } from '../core/fleet/json/parse-json.ts';
import { isJsonObject, type JsonObject } from '../core/fleet/json-value.ts';
import { entryNames, type Section } from '../core/fleet/shape.ts';
import { type PrivateCopy, withPrivateCopy } from '../host/private-copy.ts';
import { runOnTerminal } from '../host/spawn.ts';
import type { World } from '../host/world.ts';
import { openPrompts } from './init/prompts.ts';
import { shellLine } from './shell-line.ts';

type Editing = {
  readonly section: Section;
  readonly id: string;
  readonly entry: JsonObject;
  /** Its exit code: that of a config where what was written is refused, which it has shown. */
  readonly save: (edited: JsonObject) => Promise<number>;
};

/** Has an entry edited in a copy that its owner alone can read, until it is valid or given up. */
export async function editEntry(
  { section, id, entry, save }: Editing,
  world: World,
): Promise<number> {
  const first = `${JSON.stringify(entry, undefined, 2)}\n`;
  const place = { section, id };
  const name = `${entryNames[section]}-${id}.json`;
  const parent = await placeForCopies(world);
  return withPrivateCopy(parent, { name, text: first }, async (copy) => {
    for (;;) {
      await runEditor(copy.path, world);
      const text = copy.read();
      const edited = readEntry(text, world);
      const code =
        edited === undefined
          ? exitCodes.config
          : await savedOrKept(() => save(edited), copy, place);
      if (code !== exitCodes.config || !(await isToEditAgain(world))) return code;
    }
  });
}

/** What cannot be saved is not lost: the file may have been changed meanwhile, or its disk be full. */
async function savedOrKept(
  save: () => Promise<number>,
  copy: PrivateCopy,
  { section, id }: Pick<Editing, 'id' | 'section'>,
): Promise<number> {
  try {
    return await save();
  } catch (error) {
    if (!(error instanceof VllmdError)) throw error;
    copy.keep();
    const again = shellLine(['vllmd', section, 'edit', id, '--json-from', copy.path]);
    const help = `what was typed is kept in ${copy.path}; \`${again}\` takes it from there`;
    const hint = error.hint === undefined ? help : `${error.hint}\n${help}`;
    throw new VllmdError(error.exit, error.message, hint, { cause: error });
  }
}

/** Rather in memory than on a disk. */
async function placeForCopies({ env, treeHost }: World): Promise<string> {
  for (const place of [env['XDG_RUNTIME_DIR'], env['TMPDIR']]) {
    if (place?.startsWith('/') === true && (await treeHost('').exists(place))) return place;
  }
  return '/tmp';
}

/** undefined: it is no JSON object, which was said. No line of it is shown: it may hold a secret. */
function readEntry(text: string, world: World): JsonObject | undefined {
  const parsed = parseJson(text);
  if (!parsed.ok) {
    const [problem] = parsed.diagnostics;
    const { line = 1, column = 1 } = problem?.position ?? {};
    world.stderr.write(`error: no valid JSON at line ${line}, column ${column}\n`);
    return undefined;
  }
  const value = jsonValueOf(parsed.value.root);
  if (isJsonObject(value)) return value;
  world.stderr.write('error: expected object\n');
  return undefined;
}

async function runEditor(path: string, world: World): Promise<void> {
  const { VISUAL = '', EDITOR = '' } = world.env;
  const words = (VISUAL || EDITOR || 'vi').split(/\s+/).filter((word) => word !== '');
  // Ctrl-C is the editor's meanwhile.
  const interrupts = world.interrupts();
  const ended = await runOnTerminal([...words, path], world.env);
  interrupts.stop();
  if (interrupts.received() === 'SIGTERM') {
    throw new VllmdError('terminated', 'ended while the editor was open: nothing was written');
  }
  if ('exitCode' in ended && ended.exitCode === 0) return;
  const help = 'nothing was written; $EDITOR names another editor';
  throw new VllmdError('unexpected', howEnded(ended), help);
}

function howEnded(ended: Awaited<ReturnType<typeof runOnTerminal>>): string {
  if ('why' in ended) return `the editor cannot be started: ${ended.why}`;
  if (ended.exitCode === null) return `editor was ended by ${ended.signal ?? 'a signal'}`;
  return `editor exited with code ${ended.exitCode}`;
}

/** Else what was written is lost, and the file stays as it is. */
async function isToEditAgain(world: World): Promise<boolean> {
  const terminal = world.terminal();
  if (terminal === undefined) return false;
  const prompts = await openPrompts(terminal);
  return prompts.confirm('Edit it again? Otherwise the file stays as it was');
}
