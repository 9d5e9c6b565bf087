/**
 * What a coding assistant asks before it acts, and how it wants to be answered: JSON on standard input and output, in the three dialects that exist.
 *
 * - Claude Code, Codex, VS Code: `hook_event_name` in PascalCase (`PreToolUse`); docs.claude.com, Claude Code, "Hooks reference".
 * - Cursor: `hook_event_name` in camelCase (`beforeSubmitPrompt`); cursor.com/docs, "Hooks".
 * - GitHub Copilot: no event's name, but `toolName` and `toolArgs`, or `prompt`; docs.github.com, "Hooks configuration".
 *
 * Every text in the call is looked at but for the fields that only say where one is, and a file that is about to be read is too.
 */
import { isAbsolute, resolve } from 'node:path';

export type Dialect = 'claude' | 'cursor' | 'copilot';

export type AssistantCall = {
  readonly dialect: Dialect;
  readonly event: string;
  /** Texts by where they stand in the call: `prompt`, `tool_input.command`. */
  readonly texts: readonly { readonly path: string; readonly text: string }[];
  /** A file that the tool would read, absolute. */
  readonly file: string | null;
};

export type Answer = { readonly stdout: string; readonly exitCode: number };

/** Deeper nesting and more texts are no call of an assistant. */
const MAX_DEPTH = 32;
const MAX_TEXTS = 10_000;

/** Says where something is, holds no text of the user's or the model's. */
const CIRCUMSTANCES: ReadonlySet<string> = new Set(
  'session_id transcript_path cwd permission_mode hook_event_name tool_name tool_use_id conversation_id generation_id workspace_roots model cursor_version user_email timestamp toolName sessionId'.split(
    ' ',
  ),
);

type Fields = Readonly<Record<string, unknown>>;

/** Returns the call, or null for what is none. */
export function readCall(json: string): AssistantCall | null {
  const fields = parse(json);
  if (!isFields(fields)) return null;
  const event = fields['hook_event_name'];
  const dialect: Dialect | null =
    typeof event === 'string' ? (/^[a-z]/.test(event) ? 'cursor' : 'claude') : isCopilot(fields) ? 'copilot' : null;
  if (dialect === null) return null;
  const texts: { path: string; text: string }[] = [];
  for (const [name, value] of Object.entries(fields)) if (!CIRCUMSTANCES.has(name)) collect(value, name, 0, texts);
  return {
    dialect,
    event: typeof event === 'string' ? event : 'toolName' in fields ? 'preToolUse' : 'userPromptSubmitted',
    texts,
    file: fileOf(fields),
  };
}

/** Returns what lets the call pass, or, with a reason, stops it. An assistant that does not read the answer heeds the exit code: 2 stops. */
export function answerTo({ dialect, event }: Pick<AssistantCall, 'dialect' | 'event'>, reason: string | null): Answer {
  if (reason === null)
    return { stdout: dialect === 'cursor' && event === 'beforeSubmitPrompt' ? `${JSON.stringify({ continue: true })}\n` : '', exitCode: 0 };
  return { stdout: `${JSON.stringify(refusal(dialect, event, reason))}\n`, exitCode: 0 };
}

function refusal(dialect: Dialect, event: string, reason: string): Fields {
  if (dialect === 'copilot') return { permissionDecision: 'deny', permissionDecisionReason: reason };
  if (dialect === 'cursor')
    return event === 'beforeSubmitPrompt'
      ? { continue: false, user_message: reason }
      : { permission: 'deny', user_message: reason, agent_message: reason };
  if (event !== 'PreToolUse') return { decision: 'block', reason };
  return { hookSpecificOutput: { hookEventName: event, permissionDecision: 'deny', permissionDecisionReason: reason } };
}

function isCopilot(fields: Fields): boolean {
  return 'toolName' in fields || ('prompt' in fields && 'timestamp' in fields);
}

/** Arguments may be JSON inside of a text; taken apart, its line breaks are line breaks. */
function collect(value: unknown, path: string, depth: number, out: { path: string; text: string }[]): void {
  if (depth > MAX_DEPTH || out.length >= MAX_TEXTS) return;
  if (typeof value === 'string') {
    const inner = value.startsWith('{') || value.startsWith('[') ? parse(value) : undefined;
    if (inner !== undefined && inner !== null && typeof inner === 'object') collect(inner, path, depth + 1, out);
    else if (value !== '') out.push({ path, text: value });
  } else if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) collect(item, `${path}.${at}`, depth + 1, out);
  } else if (isFields(value)) {
    for (const [name, item] of Object.entries(value)) collect(item, `${path}.${name}`, depth + 1, out);
  }
}

/** Tools that read: what is in the file goes to the model. Cursor gives the content itself. */
function fileOf(fields: Fields): string | null {
  const input = fields['tool_input'];
  const isReading = fields['tool_name'] === 'Read' || fields['tool_name'] === 'NotebookRead';
  const file = isReading && isFields(input) ? (input['file_path'] ?? input['notebook_path']) : undefined;
  const cwd = fields['cwd'];
  if (typeof file !== 'string') return null;
  return isAbsolute(file) || typeof cwd !== 'string' ? resolve(file) : resolve(cwd, file);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: the caller decides what that means.
    return undefined;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
