/** A plan as people read it before they approve it. In: a plan and its id. Out: lines for a terminal. Everything in it comes from far sides, so it is made printable. */
import { printable } from '../core/errors.ts';
import type { RotationPlan } from '../rotate/plan.ts';
import { SHORT_ID } from './rotation-folder.ts';

const MARGIN = 12;

/** Yields lines with their line breaks. */
export function* planLines(plan: RotationPlan, id: string): Iterable<string> {
  const { finding, place, issuer, steps, consumers, warnings } = plan;
  yield `plan ${id.slice(0, SHORT_ID)}: ${plan.what === 'revoke' ? 'ends' : 'replaces'} the leaked value of the finding ${finding.id} (${printable(finding.rule)})\n`;
  const more = finding.places.length > 3 ? ` and ${finding.places.length - 3} more` : '';
  yield line(
    'found at',
    `${finding.places.slice(0, 3).join(', ')}${more}${finding.exposedSince ? `, open since ${finding.exposedSince}` : ''}`,
  );
  if (place !== null)
    yield line('kept in', `${place.name}: ${place.ref}${place.field === '' ? '' : `#${place.field}`}, version ${place.version}`);
  if (issuer !== null) yield line('issuer', `${issuer.identity} (rotator ${issuer.rotator}, ${issuer.kind})`);
  for (const [index, { does, reaches, undo, effects }] of steps.entries()) {
    yield line(index === 0 ? 'steps' : '', `${index + 1}. ${does}  [${reaches}]`);
    for (const effect of effects) yield line('', `   effect: ${effect}`);
    yield line('', `   ${undo === null ? 'cannot be taken back' : `taken back: ${undo}`}`);
  }
  for (const [index, sentence] of timesOf(plan).entries()) yield line(index === 0 ? 'then' : '', sentence);
  for (const [index, consumer] of consumers.entries()) yield line(index === 0 ? 'readers' : '', consumer);
  for (const [index, warning] of warnings.entries()) yield line(index === 0 ? 'warnings' : '', warning);
  const names = Array.from({ length: plan.approvals }, (_, index) => ` --approve NAME${plan.approvals > 1 ? index + 1 : ''}`).join('');
  yield line('to do it', `leakwarden rotate --apply ${id.slice(0, SHORT_ID)}${names}`);
  yield line('until', plan.expiresAt);
  yield '\n';
}

function timesOf({ what, settlingSeconds, proofSeconds, issuer }: RotationPlan): string[] {
  const proof = issuer === null ? [] : [`the old value must be refused three times over ${proofSeconds} s; then the finding is closed`];
  return what === 'revoke' ? proof : [`between PROMOTED and OLD_DISABLED readers have ${settlingSeconds} s to change over`, ...proof];
}

function line(label: string, text: string): string {
  return `  ${label.padEnd(MARGIN - 2)}${printable(text)}\n`;
}
