/** `leakwarden rotate FINDING…`: plans, and changes nothing. `leakwarden rotate --apply PLAN`: carries one out. */
import type { Finding } from '../../core/contracts.ts';
import { ToolError } from '../../core/errors.ts';
import { refusedCount } from '../../rotate/guards.ts';
import { planIdOf, planText, type RotationPlan } from '../../rotate/plan.ts';
import { findLeaked } from '../find-leaked.ts';
import { type Given, isSet, optionOf, optionsNamed } from '../given.ts';
import { type Io, note } from '../io.ts';
import { planRotation } from '../plan-rotation.ts';
import { planLines } from '../plan-text.ts';
import { findPlan, keepPlan, SHORT_ID, withWords } from '../rotation-folder.ts';
import { codeOfOutcome, sayOutcome } from '../rotation-outcome.ts';
import { beginRotation } from '../run-rotation.ts';
import { wantsProgress } from '../run-scan.ts';
import { writeFileAtomically, writeToStream } from '../write-output.ts';

/** A week: src/cli/rotators-file.ts has the same. */
const MAX_SECONDS = 604_800;

export async function run(given: Given, io: Io): Promise<number> {
  const plans = optionsNamed(given, 'apply');
  const refuse = (message: string): never => {
    throw new ToolError('bad-option', { message });
  };
  if (plans.length === 0 && given.operands.length === 0) refuse('name a finding by FILE:LINE or its id, or --apply a PLAN');
  if (plans.length > 0 && given.operands.length > 0) refuse('--apply carries out what was planned before: name no FINDING');
  if (plans.length === 0 && isSet(given, 'approve')) refuse('--approve belongs to --apply: a plan is approved when it has been read');
  return await withWords(() => (plans.length > 0 ? applyPlans(plans, given, io) : planFindings(given, io)));
}

async function planFindings(given: Given, io: Io): Promise<number> {
  const output = optionOf(given, 'output');
  if (output !== undefined && given.operands.length > 1)
    throw new ToolError('bad-option', { message: '--output takes one plan: name one FINDING' });
  const findings = await findLeaked(given.operands, optionsNamed(given, 'in'), wantsProgress(given, io), io);
  for (const finding of findings) {
    const plan = await planOf(finding, given, io);
    const id = keepPlan(plan, io.env);
    if (output !== undefined) writeFileAtomically(output, [`${planText(plan)}\n`], { isPrivate: true });
    await writeToStream(io.stdout, isSet(given, 'json') ? [`${planText(plan)}\n`] : planLines(plan, id));
  }
  return 0;
}

function planOf(finding: Finding, given: Given, io: Io): Promise<RotationPlan> {
  const what = isSet(given, 'revoke') ? 'revoke' : 'replace';
  const options = {
    what,
    at: optionOf(given, 'at'),
    settlingSeconds: secondsOf(given, 'settle'),
    proofSeconds: secondsOf(given, 'proof'),
  } as const;
  return planRotation(finding, options, io);
}

/** One after the other, and no further than the first that does not come to its end. */
async function applyPlans(named: readonly string[], given: Given, io: Io): Promise<number> {
  const tooMany = refusedCount(named.length, io.env['CI'] === 'true');
  if (tooMany !== null) throw new ToolError('rotation-refused', { reason: tooMany });
  const kept = named.map((one) => findPlan(one, io.env));
  const settings = { inputs: optionsNamed(given, 'in'), isQuiet: isSet(given, 'quiet') };
  for (const [index, one] of kept.entries()) {
    const outcome = await beginRotation(one, optionsNamed(given, 'approve'), settings, io);
    await sayOutcome(outcome, one.id, settings.isQuiet, io);
    const code = codeOfOutcome(outcome);
    if (code === 0) continue;
    for (const { plan } of kept.slice(index + 1)) note(io, `not begun: ${planIdOf(plan).slice(0, SHORT_ID)}`);
    return code;
  }
  return 0;
}

function secondsOf(given: Given, name: 'settle' | 'proof'): number | undefined {
  const text = optionOf(given, name);
  if (text === undefined) return undefined;
  if (/^\d{1,6}$/.test(text) && Number(text) <= MAX_SECONDS) return Number(text);
  throw new ToolError('bad-option', { message: `--${name} must be a number of seconds up to ${MAX_SECONDS}, not ${text}` });
}
