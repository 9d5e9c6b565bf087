/** Rules as a SARIF report describes them: for code scanning to show, sort and link (GitHub, "SARIF support for code scanning"). */
import type { ReportingDescriptor } from 'sarif';
import type { Finding, RuleHelp } from '../core/contracts.ts';
import { printable } from '../core/errors.ts';
import type { Confidence, Severity } from '../core/rule.ts';
import { nextSteps } from './next-steps.ts';

/** GitHub reads security-severity as over 9.0 critical, from 7.0 high, from 4.0 medium, below low; the middle of each band. */
const SECURITY_SEVERITY = { critical: '9.5', high: '8.0', medium: '5.5', low: '2.0' } as const satisfies Record<Severity, string>;

const LEVEL = { critical: 'error', high: 'error', medium: 'warning', low: 'note' } as const satisfies Record<Severity, string>;

const PRECISION = { high: 'high', medium: 'medium', low: 'low' } as const satisfies Record<Confidence, string>;

/** GitHub cuts descriptions at 1,024 characters. */
const LONGEST_DESCRIPTION = 1024;

export function sarifLevel(severity: Severity): (typeof LEVEL)[Severity] {
  return LEVEL[severity];
}

/** Returns the descriptor of a rule; `finding` stands in where the rule's help is not known, and where it is live, the rule is critical in this report. */
export function sarifRule(help: RuleHelp | undefined, finding: Finding): ReportingDescriptor {
  const { id, name, provider, description, severity, confidence } = help ?? {
    ...finding,
    id: finding.rule,
    description: `Credential of ${finding.provider}.`,
  };
  const steps = nextSteps(help, 'unknown').map((step) => printable(step));
  const why = sentence(description);
  const link = webPage(help?.guide) ?? help?.references.map(webPage).find((page) => page !== undefined);
  return {
    id: printable(id),
    name: pascalCase(id),
    shortDescription: { text: sentence(`${name} in source code`) },
    fullDescription: { text: why },
    help: { text: helpText(why, steps), markdown: helpMarkdown(printable(name), why, steps) },
    ...(link === undefined ? {} : { helpUri: link }),
    defaultConfiguration: { level: LEVEL[severity] },
    properties: {
      'tags': ['security', 'secret', 'external/cwe/cwe-798', ...tagsOf(provider, help?.category)],
      'precision': PRECISION[confidence],
      'security-severity': SECURITY_SEVERITY[finding.verdict.state === 'live' ? 'critical' : severity],
    },
  };
}

/** Returns text as one printable sentence that ends with a period. */
export function sentence(text: string): string {
  const line = printable(text.trim()).slice(0, LONGEST_DESCRIPTION - 1);
  return /[.!?]$/.test(line) ? line : `${line}.`;
}

function helpText(why: string, steps: readonly string[]): string {
  return [why, '', ...steps.map((step, index) => `${index + 1}. ${step}`)].join('\n');
}

function helpMarkdown(name: string, why: string, steps: readonly string[]): string {
  const lines = steps.map((step, index) => `${index + 1}. ${markdown(step)}`);
  return [`# ${markdown(name)}`, '', markdown(why), '', '## What to do', '', ...lines, ''].join('\n');
}

/** Escapes what Markdown would obey; a web address keeps its form and becomes a link. */
function markdown(text: string): string {
  return text
    .split(/(https?:\/\/[^\s<>"]+)/)
    .map((piece, index) => (index % 2 === 1 ? `<${piece}>` : piece.replace(/[\\`*_[\]<>#|]/g, '\\$&')))
    .join('');
}

function tagsOf(provider: string, category: string | undefined): string[] {
  const tags = [provider, category ?? ''].map((tag) => printable(tag).toLowerCase().replaceAll(' ', '-'));
  return [...new Set(tags.filter((tag) => tag !== ''))];
}

/** Returns `GithubPatClassic` for `github-pat-classic`. */
function pascalCase(id: string): string {
  return id
    .split(/[^0-9A-Za-z]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

function webPage(address: string | null | undefined): string | undefined {
  return address && /^https?:\/\/[!-~]+$/.test(address) ? address : undefined;
}
