/**
 * Takes a stored value apart, so that the password inside of it is recognised by itself: JSON, addresses with a password, connection strings, lines of
 * `key=value` or `key: value` (so the leaves of kubeconfig and other YAML too), PEM bundles, docker's `auth`. In: a text. Out: leaves, each with the names that
 * lead to it. The same is done to a found value before it is looked up, so both sides meet whichever of them was wrapped. Called by index-sync.ts and
 * look-up.ts. A reader of lines instead of a YAML parser: leaves are all that is wanted, and what is no YAML has lines too.
 */
import { connectionFields, lineFields, passwordsOfUrl, pemBlocks } from './structured-texts.ts';

/** A text in a value; `field` is how one gets there (`data.password`), '' for the value itself. */
export type Leaf = { readonly field: string; readonly value: string };

/** Longer texts are files, not credentials: they count as one whole. */
export const MAX_STRUCTURED_CHARACTERS = 1 << 20;
/** Leaves of one value; the first count. */
export const MAX_LEAVES = 1000;
/** JSON in base64 in JSON is as deep as real ones go. */
export const MAX_NESTING = 12;

/** Returns the leaves of a text, each value once, the outermost first. A text that only holds others (a JSON object, lines) is no leaf itself. */
export function takeApart(text: string, field = ''): Leaf[] {
  const leaves = new Map<string, Leaf>();
  read(text, field, 0, (leaf) => {
    if (leaves.size < MAX_LEAVES && !leaves.has(leaf.value)) leaves.set(leaf.value, leaf);
    return leaves.size < MAX_LEAVES;
  });
  return [...leaves.values()];
}

/** Returns false when there is no room for more. */
type Add = (leaf: Leaf) => boolean;

function read(text: string, field: string, depth: number, add: Add): void {
  const trimmed = text.trim();
  if (trimmed === '') return;
  if (text.length > MAX_STRUCTURED_CHARACTERS || depth > MAX_NESTING) {
    add({ field, value: text });
    return;
  }
  if (readJson(trimmed, field, depth, add)) return;
  const blocks = pemBlocks(trimmed);
  const lines = blocks.length > 0 ? [] : lineFields(trimmed);
  if (lines.length > 1) {
    for (const { name, value } of lines) read(value, joined(field, name), depth + 1, add);
    return;
  }
  if (!add({ field, value: text })) return;
  if (trimmed !== text) add({ field, value: trimmed });
  for (const block of blocks) add({ field, value: block });
  if (blocks.length > 0) return;
  for (const password of passwordsOfUrl(trimmed)) add({ field: joined(field, 'password'), value: password });
  for (const { name, value } of [...lines, ...connectionFields(trimmed)]) add({ field: joined(field, name), value });
  readEscaped(trimmed, field, depth, add);
  readBase64(trimmed, field, depth, add);
}

/** Objects, lists and strings in quotes; true when it was one. */
function readJson(text: string, field: string, depth: number, add: Add): boolean {
  if (!/^[{["]/.test(text) || !/[}\]"]$/.test(text)) return false;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return false;
  }
  walk(value, field, depth, add);
  return true;
}

function walk(value: unknown, field: string, depth: number, add: Add): void {
  if (typeof value === 'string') read(value, field, depth + 1, add);
  else if (typeof value === 'number') add({ field, value: String(value) });
  else if (typeof value === 'object' && value !== null && depth <= MAX_NESTING) {
    for (const [name, child] of Object.entries(value)) walk(child, joined(field, name), depth + 1, add);
  }
}

/** A found value may still carry the escapes of the string in which it stood: a key with `\n` for its line ends, a quote with its backslash. */
function readEscaped(text: string, field: string, depth: number, add: Add): void {
  if (!text.includes('\\')) return;
  const plain = text.replace(/\\(?:([nrt"'\\/])|u([0-9a-fA-F]{4}))/g, (_, sign: string | undefined, code: string | undefined) =>
    sign === undefined ? String.fromCharCode(Number.parseInt(code ?? '', 16)) : (SIGNS[sign] ?? sign),
  );
  if (plain !== text) read(plain, field, depth + 1, add);
}

const SIGNS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** What is text with a structure of its own under base64: docker's `user:password`, the keys of a kubeconfig, JSON. */
function readBase64(text: string, field: string, depth: number, add: Add): void {
  const packed = text.replace(/\s+/g, '');
  if (packed.length < 12 || packed.length % 4 === 1 || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(packed)) return;
  const plain = Buffer.from(packed, 'base64').toString('utf8');
  if (/[\ufffd\0-\x08\x0e-\x1f\x7f]/.test(plain)) return;
  const login = /^[^\s:{]{1,128}:([^\s]{1,512})$/.exec(plain);
  if (login) add({ field: joined(field, 'password'), value: login[1] ?? '' });
  else if (/^\s*\{|-----BEGIN /.test(plain) || lineFields(plain).length > 1) read(plain, field, depth + 1, add);
}

function joined(field: string, name: string): string {
  return field === '' ? name : `${field}.${name}`;
}
