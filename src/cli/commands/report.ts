/** `leakwarden report REPORT --format F`: writes a saved JSON report in another form. Nothing is scanned. */
import { ToolError } from '../../core/errors.ts';
import { builtInRules } from '../../ruleset/load.ts';
import { type Given, optionOf } from '../given.ts';
import type { Io } from '../io.ts';
import { planPublication, publish } from '../publish.ts';
import { readReport } from '../read-report.ts';
import { FAIL_ON } from '../settings.ts';

export async function run(given: Given, io: Io): Promise<number> {
  const publication = planPublication(given);
  const failOn = FAIL_ON.find((choice) => choice === (optionOf(given, 'fail-on') ?? 'any'));
  if (failOn === undefined) throw new ToolError('bad-option', { message: `--fail-on must be one of ${FAIL_ON.join(', ')}` });
  return publish(readReport(given.operands[0] ?? ''), publication, builtInRules, failOn, io);
}
