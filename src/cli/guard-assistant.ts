/**
 * `leakwarden guard assistant`: a coding assistant's hook. Reads the call from standard input, scans what it would send or run, answers in the assistant's own
 * way. Offline. A call that cannot be read, or a check that did not come to its end, stops it with exit code 2: assistants let all other failures pass.
 */
import { text as readText } from 'node:stream/consumers';
import type { Source } from '../core/contracts.ts';
import { describe, printable } from '../core/errors.ts';
import { type AssistantCall, answerTo, readCall } from '../hooks/assistant-call.ts';
import type { Given } from './given.ts';
import type { Io } from './io.ts';
import { loadRules } from './load-rules.ts';
import { performScan, settingOptionsOf } from './run-scan.ts';
import { loadSettings } from './settings.ts';
import { loadSuppressions } from './suppress-settings.ts';
import { writeToStream } from './write-output.ts';

/** Exit code that every assistant takes for a refusal. */
const REFUSED = 2;
const MAX_NAMED = 5;

export async function guardAssistant(given: Given, timeBudgetSeconds: number, io: Io): Promise<number> {
  const call = readCall(await readText(io.stdin));
  if (call === null) {
    io.stderr.write('leakwarden: error: what came in is no hook call of a coding assistant that leakwarden knows; nothing was checked\n');
    return REFUSED;
  }
  const settings = await loadSettings(settingOptionsOf(given), io.env, io.cwd);
  const { suppressions } = loadSuppressions(settings);
  const ruleset = await loadRules(settings);
  const sources = await sourcesOf(call, io);
  const report = await performScan(
    { settings, ruleset, suppressions, sources, inputs: ['the call'], hasProgress: false, timeBudgetSeconds },
    io,
  );
  const found = report.findings
    .slice(0, MAX_NAMED)
    .map(({ name, places: [place] }) => `${printable(name)} in ${printable(place?.path ?? '')}, line ${place?.line}`);
  if (report.problems.length > 0 && found.length === 0) {
    for (const { code, data } of report.problems.slice(0, MAX_NAMED))
      io.stderr.write(`leakwarden: error: not checked: ${describe(code, data)}\n`);
    return REFUSED;
  }
  const { stdout, exitCode } = answerTo(call, found.length === 0 ? null : reasonFor(found));
  await writeToStream(io.stdout, [stdout]);
  return exitCode;
}

function reasonFor(found: readonly string[]): string {
  return `leakwarden: a secret would leave this machine: ${found.join('; ')}. Read it from the secrets store or the environment instead. Not a secret? leakwarden:allow -- reason, on its line`;
}

async function sourcesOf(call: AssistantCall, io: Io): Promise<readonly Source[]> {
  const { SOURCES } = await import('../sources/index.ts');
  const request = { inputs: call.file === null ? [] : [call.file], cwd: io.cwd, env: io.env, noIgnore: true, stdin: io.stdin };
  const { existsSync } = await import('node:fs');
  const texts = SOURCES.texts({ ...request, texts: call.texts });
  return call.file !== null && existsSync(call.file) ? [texts, SOURCES.files(request)] : [texts];
}
