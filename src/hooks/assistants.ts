/** leakwarden in the settings of coding assistants: JSON files of the project, merged so that entries of others stay, ours found again by their command. */
import { join } from 'node:path';
import { ToolError } from '../core/errors.ts';
import { type Change, readFileOrNull, writing } from './changes.ts';
import type { AssistantId } from './known-managers.ts';
import type { HookRepository } from './repository.ts';

type Json = { [key: string]: unknown };

type AssistantSettings = {
  readonly file: string;
  readonly events: readonly string[];
  /** What a new file holds besides the hooks. */
  readonly head: Json;
  entry(command: string): Json;
};

const COMMAND = 'leakwarden guard assistant';
/** Seconds that an assistant waits; the guard needs a tenth of one. */
const TIMEOUT_SECONDS = 20;

const grouped = (command: string): Json => ({ matcher: '*', hooks: [{ type: 'command', command, timeout: TIMEOUT_SECONDS }] });

const SETTINGS: Readonly<Record<AssistantId, AssistantSettings>> = {
  claude: { file: '.claude/settings.json', events: ['UserPromptSubmit', 'PreToolUse', 'PostToolUse'], head: {}, entry: grouped },
  codex: { file: '.codex/hooks.json', events: ['UserPromptSubmit', 'PreToolUse', 'PostToolUse'], head: {}, entry: grouped },
  cursor: {
    file: '.cursor/hooks.json',
    events: ['beforeSubmitPrompt', 'beforeShellExecution', 'beforeMCPExecution', 'beforeReadFile'],
    head: { version: 1 },
    entry: (command) => ({ command, failClosed: true }),
  },
  copilot: {
    file: '.github/hooks/leakwarden.json',
    events: ['preToolUse', 'userPromptSubmitted'],
    head: { version: 1 },
    entry: (command) => ({ type: 'command', bash: command, powershell: command, timeoutSec: TIMEOUT_SECONDS }),
  },
};

/** Returns the change that puts our entry at each of the assistant's events; none when it is there. Throws ToolError output-failed for a file that is no JSON. */
export function installAssistant({ root }: HookRepository, id: AssistantId): Change[] {
  const { file, events, head, entry } = SETTINGS[id];
  const path = join(root, file);
  const text = readFileOrNull(path);
  const settings = text === null ? { ...head } : parse(text, file);
  const hooks = objectOf(settings['hooks']);
  const missing = events.filter((event) => !listOf(hooks[event]).some(isOurs));
  if (missing.length === 0) return [];
  const added = Object.fromEntries(missing.map((event) => [event, [...listOf(hooks[event]), entry(COMMAND)]]));
  return writing(path, write({ ...settings, hooks: { ...hooks, ...added } }), false);
}

/** Returns the change that takes our entries out, and with them lists, objects and files that hold nothing else. */
export function uninstallAssistant({ root }: HookRepository, id: AssistantId): Change[] {
  const { file, head } = SETTINGS[id];
  const path = join(root, file);
  const text = readFileOrNull(path);
  if (text === null || !text.includes(COMMAND)) return [];
  const settings = parse(text, file);
  const hooks = Object.entries(objectOf(settings['hooks'])).flatMap(([event, entries]) => {
    const others = listOf(entries).filter((entry) => !isOurs(entry));
    return others.length === 0 && listOf(entries).some(isOurs) ? [] : [[event, others.length === 0 ? entries : others] as const];
  });
  const { hooks: _ours, ...rest } = settings;
  const left = hooks.length === 0 ? rest : { ...rest, hooks: Object.fromEntries(hooks) };
  const isBare = Object.keys(left).every((key) => key in head);
  return writing(path, isBare ? null : write(left), false);
}

function isOurs(entry: unknown): boolean {
  return JSON.stringify(entry)?.includes(COMMAND) ?? false;
}

function parse(text: string, file: string): Json {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Said below, as for JSON of another kind.
  }
  throw new ToolError('output-failed', { path: file, reason: 'it is not a JSON object' });
}

function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function write(value: Json): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
