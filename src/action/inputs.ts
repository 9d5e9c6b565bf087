/**
 * What the workflow says: INPUT_* variables in, checked inputs out. Names and defaults are those of action.yml, which a test compares; an input that is left out
 * has its default, since the runner sets them all. Called by src/cli/run-action.ts.
 */
import { ToolError } from '../core/errors.ts';
import { type Asked, MODES } from './event.ts';

export const FAIL_ON = ['any', 'live', 'new', 'never'] as const;
export type FailOn = (typeof FAIL_ON)[number];

export const COMMENTS = ['review', 'off'] as const;

/** Input to default, as in action.yml; the token's is the job's own, which the runner fills in. */
export const DEFAULTS = {
  'mode': 'auto',
  'base': '',
  'head': '',
  'path': '.',
  'config': '',
  'rules': '',
  'baseline': '',
  'min-confidence': '',
  'fail-on': 'any',
  'check': '',
  'stores': '',
  'index-file': '',
  'index-key': '',
  'index-ttl': '',
  'aws-role': '',
  'azure-client-id': '',
  'azure-tenant-id': '',
  'gcp-provider': '',
  'gcp-service-account': '',
  'comment': 'review',
  'annotations': 'true',
  'check-run': 'true',
  'summary': 'true',
  'store-paths': 'auto',
  'report-file': '',
  'sarif-file': '',
  'upload-sarif': 'false',
  'token': '',
  'github-api-url': '',
  'ca-file': '',
} as const;

export type InputName = keyof typeof DEFAULTS;

export type Inputs = {
  readonly asked: Asked;
  /** As given, '' where nothing was. */
  readonly text: (name: InputName) => string;
  readonly lines: (name: InputName) => readonly string[];
  readonly failOn: FailOn;
  readonly hasReview: boolean;
  readonly hasAnnotations: boolean;
  readonly hasCheckRun: boolean;
  readonly hasSummary: boolean;
  /** null: as the repository's visibility says. */
  readonly showsStorePaths: boolean | null;
  readonly uploadsSarif: boolean;
};

/** Throws ToolError bad-input. */
export function readInputs(env: Readonly<Record<string, string | undefined>>): Inputs {
  const text = (name: InputName): string => {
    const given = env[variableOf(name)]?.trim() ?? '';
    return given === '' ? DEFAULTS[name] : given;
  };
  const choice = <Choice extends string>(name: InputName, choices: readonly Choice[]): Choice => {
    const value = choices.find((one) => one === text(name));
    if (value !== undefined) return value;
    throw new ToolError('bad-input', { message: `the input ${name} must be one of ${choices.join(', ')}, not ${text(name)}` });
  };
  const isOn = (name: InputName): boolean => choice(name, ['true', 'false']) === 'true';
  const paths = choice('store-paths', ['auto', 'true', 'false']);
  return {
    asked: { mode: choice('mode', MODES), base: text('base'), head: text('head') },
    text,
    lines: (name) =>
      text(name)
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== ''),
    failOn: choice('fail-on', FAIL_ON),
    hasReview: choice('comment', COMMENTS) === 'review',
    hasAnnotations: isOn('annotations'),
    hasCheckRun: isOn('check-run'),
    hasSummary: isOn('summary'),
    showsStorePaths: paths === 'auto' ? null : paths === 'true',
    uploadsSarif: isOn('upload-sarif'),
  };
}

/** The runner makes spaces underscores and letters upper case; dashes stay. */
function variableOf(name: InputName): string {
  return `INPUT_${name.toUpperCase()}`;
}
