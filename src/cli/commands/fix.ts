/**
 * `leakwarden fix FINDING…`: the lines that hold a value are rewritten to read it from the environment, and the value goes into a store. Without --apply nothing is
 * changed: the diff is shown, without values; --output writes it as a patch.
 */
import { basename, resolve } from 'node:path';
import type { Finding } from '../../core/contracts.ts';
import { EXIT, printable, ToolError } from '../../core/errors.ts';
import { StoreError } from '../../core/stores.ts';
import { type Fixes, fixPlaces } from '../../fix/fix-places.ts';
import { MAX_FIXED_BYTES } from '../../fix/rewrite.ts';
import { unifiedDiff } from '../../fix/unified-diff.ts';
import { maskText } from '../../reports/mask.ts';
import { findFindings } from '../find-findings.ts';
import { type Given, isSet, optionOf, optionsNamed } from '../given.ts';
import { type Io, note } from '../io.ts';
import { say, withLocalStore } from '../local-store.ts';
import { readLatin1 } from '../read-text.ts';
import { counted } from '../settings.ts';
import { replaceBytes, writeFileAtomically, writeToStream } from '../write-output.ts';

export async function run(given: Given, io: Io): Promise<number> {
  const variable = variableOption(given);
  const output = optionOf(given, 'output');
  const isApplied = isSet(given, 'apply');
  if (isSet(given, 'reveal') !== (output !== undefined))
    throw new ToolError('bad-option', { message: 'a patch holds the old lines, and so the values: --output and --reveal go together' });
  if (isApplied && output !== undefined) throw new ToolError('bad-option', { message: '--apply and --output do not go together' });

  const found = await findFindings(given, optionsNamed(given, 'in'), io);
  const read = (path: string): string | null => readLatin1(resolve(io.cwd, path), MAX_FIXED_BYTES);
  const fixes = fixPlaces(found.named, read, variable);
  const diffs = fixes.files.map(({ path, before, edits }) => unifiedDiff(path, before, edits));
  if (isApplied) await apply(fixes, found.named, given, io);
  else if (output === undefined) await writeToStream(io.stdout, shown(diffs, found.all));
  else writeFileAtomically(output, diffs.map(utf8), { isPrivate: true });
  sayWhatIsLeft(fixes, isApplied, given, io);
  if (found.problems.length > 0) return EXIT.incomplete;
  return fixes.left.length > 0 ? EXIT.findings : EXIT.clean;
}

/** Values of all that was found are left out, those of neighbouring lines too. Terminals get no control characters from files. */
function* shown(diffs: readonly string[], all: readonly Finding[]): Iterable<string> {
  for (const diff of diffs) {
    const masked = all.reduce((text, finding) => maskText(text, finding), utf8(diff));
    for (const line of masked.split('\n').slice(0, -1)) yield `${printable(line)}\n`;
  }
}

function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString();
}

/** First the store, so that no value is lost, then the files. */
async function apply(fixes: Fixes, findings: readonly Finding[], given: Given, io: Io): Promise<void> {
  const isFixed = new Set(fixes.files.flatMap(({ places }) => places.map(({ finding }) => finding.id)));
  for (const finding of findings.filter(({ id }) => isFixed.has(id))) {
    const variable = fixes.variables.get(finding.id) ?? '';
    const { verdict } = finding;
    if (verdict.state === 'live') say(given, io, `${variable}: it is in a store already: ${verdict.where}`);
    else if (optionOf(given, 'store') !== 'none') await keep(finding, variable, given, io);
  }
  for (const { path, before, after } of fixes.files) {
    const file = resolve(io.cwd, path);
    if (readLatin1(file, MAX_FIXED_BYTES) !== before)
      throw new ToolError('output-failed', { path, reason: 'it has changed since it was read' });
    replaceBytes(file, Buffer.from(after, 'latin1'));
  }
}

async function keep(finding: Finding, variable: string, given: Given, io: Io): Promise<void> {
  const ref = refOf(variable, given, io);
  await withLocalStore(given, io, async (store) => {
    if (await store.create()) say(given, io, `a new store was made in ${store.folder}`);
    const held = await store.get(ref, null).catch((error: unknown) => {
      if (error instanceof StoreError && error.why === 'not-found') return null;
      throw error;
    });
    if (held !== null) {
      if (Object.values(held).some((value) => value.equals(finding.secret))) return;
      throw new StoreError('misconfigured', `${ref} holds another value already; name another with --ref; nothing was changed`);
    }
    await store.set(ref, '', finding.secret);
  });
  say(given, io, `the value is in the local store as ${ref}; where the program runs: export ${variable}="$(leakwarden store get ${ref})"`);
}

/** `project/stripe-secret-key`. */
function refOf(variable: string, given: Given, io: Io): string {
  const folder =
    basename(io.cwd)
      .replace(/[^\w.-]+/g, '-')
      .replace(/^[.-]+/, '') || 'project';
  return optionOf(given, 'ref') ?? `${folder}/${variable.toLowerCase().replaceAll('_', '-')}`;
}

function sayWhatIsLeft(fixes: Fixes, isApplied: boolean, given: Given, io: Io): void {
  const changed = fixes.files.reduce((sum, { places }) => sum + places.length, 0);
  for (const { path, note: text } of fixes.notes) say(given, io, `${path}: ${text}`);
  for (const { finding, place, why } of fixes.left) note(io, `${maskText(`${place.path}:${place.line}`, finding)}: not rewritten: ${why}`);
  if (changed === 0) return;
  const files = counted(fixes.files.length, 'file', 'files');
  if (isApplied)
    say(
      given,
      io,
      `${counted(changed, 'place', 'places')} in ${files} rewritten: look at it with git diff, and rotate the value, since history keeps it`,
    );
  else
    say(
      given,
      io,
      `nothing was changed; --apply rewrites ${counted(changed, 'place', 'places')} in ${files} and puts the value into a store`,
    );
}

function variableOption(given: Given): string | null {
  const name = optionOf(given, 'variable');
  if (name === undefined) return null;
  if (!/^[A-Za-z_]\w{0,99}$/.test(name))
    throw new ToolError('bad-option', { message: `--variable must be a name of letters, digits and underscores, not ${name}` });
  if (given.operands.length > 1) throw new ToolError('bad-option', { message: '--variable names one variable: give one FINDING' });
  return name;
}
