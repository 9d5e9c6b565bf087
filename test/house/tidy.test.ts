/** What biome cannot see: where things lie, what they are called, which words of the language are kept to a few files. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERRORS } from '../../src/core/errors.ts';
import { lex, placesOf, ROOT, readSources, type SourceFile } from './source-text.ts';

const TOP_LEVEL = new Set([
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'src',
  'rules',
  'bin',
  'test',
  'fixtures',
  'action.yml',
  'README.md',
  'LICENSE',
  'docs',
]);

/** Made by tools and ignored by git. */
const GENERATED = new Set(['node_modules', 'dist', 'coverage']);

/** The files that may take a secret's value out of its class, with what for. Every new one is read with care. */
const REVEALERS: Readonly<Record<string, string>> = {
  'src/core/secret.ts': 'defines it',
  'src/action/mask-values.ts': 'tells the runner what to hide in its log',
  'src/cli/commands/store-get.ts': 'into a pipe, or a file of mode 0600',
  'src/check/ask-issuers.ts': 'asks each value once',
  'src/check/index-sync.ts': 'takes stored values apart and digests them',
  'src/check/look-up.ts': 'digests found values to look them up',
  'src/engine/finding-id.ts': 'the digest of rule and value',
  'src/issuers/aws-key-check.ts': 'signs a question to AWS with it, for the id and the token beside it',
  'src/issuers/gcp-key-check.ts': 'asks Google for the account beside it',
  'src/cli/rotation-escrow.ts': 'seals what was found beside it',
  'src/issuers/gcp-service-account.ts': 'asks Google for the account beside it',
  'src/issuers/aws-iam.ts': 'signs a question to AWS with it',
  'src/issuers/gcp-key-text.ts': 'takes the private key out of a key file, to ask Google with it',
  'src/issuers/aws-iam-actions.ts': 'signs a question to AWS with the new one',
  'src/fix/fix-places.ts': 'compares with the bytes that are rewritten',
  'src/cli/locate-stored.ts': 'takes a stored value apart, to find the leaked one in it',
  'src/issuers/command.ts': 'asks the owner’s own program, on its standard input',
  'src/issuers/fill-request.ts': 'asks whoever issued it, or ends it there',
  'src/issuers/for-rule.ts': 'asks each value once',
  'src/issuers/listed-tokens.ts': 'finds it among the tokens of its account, and ends it there',
  'src/issuers/rule-issuer.ts': 'keeps it out of what an issuer says',
  'src/issuers/sendgrid.ts': 'makes the next key with it, and ends it there',
  'src/issuers/database-value.ts': 'takes the password out of a connection string, and puts another in',
  'src/issuers/mysql-login.ts': 'logs in to the owner’s own server',
  'src/issuers/mysql-session.ts': 'gives a user’s own new password to the owner’s own MySQL, which takes no other form of it',
  'src/issuers/mysql-password-hash.ts': 'makes of a new password what the server keeps of it',
  'src/issuers/postgresql-login.ts': 'logs in to the owner’s own server',
  'src/issuers/redis-login.ts': 'logs in to the owner’s own server',
  'src/issuers/redis-session.ts': 'makes of a password what the server keeps of it',
  'src/issuers/scram-verifier.ts': 'makes of a new password what the server keeps of it',
  'src/reports/fields.ts': '--reveal into a file of mode 0600',
  'src/reports/mask.ts': 'cuts values out of the text around them',
  'src/rotate/plan.ts': 'a salted slow digest, by which a plan knows its value again',
  'src/rotate/run-context.ts': 'cuts values out of what is logged',
  'src/stores/conjur-rotate.ts': 'writes a new value, or the old one back, into the owner’s own Conjur',
  'src/stores/delinea-rotate.ts': 'gives a new value, or the old one again, to the owner’s own Secret Server',
  'src/stores/kube-rotate.ts': 'writes a new value, or the old one back, into the owner’s own cluster',
  'src/stores/local-record.ts': 'seals values into the local store',
  'src/stores/pvwa-rotate.ts': 'gives a new value, or the old one again, to the owner’s own CyberArk vault',
  'src/stores/replace-field.ts': 'puts a new value in the place of an old one in what a store holds',
  'src/stores/vault-audit-hash.ts': 'asks the owner’s own Vault to hash it',
  'src/stores/vault-kv1-rotate.ts': 'writes a new value, or the old one back, into the owner’s own Vault',
  'src/stores/vault-kv2-rotate.ts': 'the same, as a new version',
  'src/suppress/allow-comment.ts': 'reads the comment beside a value, without the value',
  'src/suppress/gitleaks-report.ts': 'compares with a report that holds values',
  'src/suppress/secrets-baseline.ts': 'compares with the digests of a detect-secrets baseline',
};

/** Names that say nothing (STYLE.md section 7). */
const EMPTY_WORDS = new Set(
  'util utils helper helpers manager handler handlers processor common misc base wrapper stuff new old v2 shared lib'.split(' '),
);

/** Where such a word says what the file is about. */
const WELL_NAMED = new Set(['src/core/new-value.ts']);

/** The registries: the only files called index. */
const REGISTRIES = new Set([
  'src/issuers/index.ts',
  'src/reports/index.ts',
  'src/sources/index.ts',
  'src/stores/index.ts',
  'src/suppress/index.ts',
  'src/ruleset/checksums/index.ts',
  'src/ruleset/structures/index.ts',
  'src/engine/unpack/index.ts',
  'src/stores/index.ts',
]);

const isOf = (...folders: string[]): ((file: SourceFile) => boolean) => {
  return (file) => folders.some((folder) => file.path.startsWith(folder));
};

const RULES = {
  console: /\bconsole\s*\./g,
  exit: /\bprocess\s*\.\s*(?:exit|exitCode|abort|kill)\b/g,
  regExp: /\bRegExp\s*\((?!\s*(?:'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`$\\])*`|\/))/g,
  evaluation: /\beval\s*\(|\bnew\s+Function\s*\(/g,
  shell: /\bshell\s*:|\bexec(?:Sync)?\s*\(\s*['"`]/g,
  defaultExport: /\bexport\s+default\b|\bas\s+default\b/g,
  reveal: /\breveal\s*\(/g,
} as const;

/** AssemblyScript has no modules of node, no console and its own rules of style. */
const sources = readSources('src').filter((file) => !file.path.startsWith('src/kernel/assembly/'));

function violations(pattern: RegExp, isAllowed: (file: SourceFile) => boolean, where: 'code' | 'bare' = 'bare'): string[] {
  return sources.filter((file) => !isAllowed(file)).flatMap((file) => placesOf(file, pattern, where));
}

describe('where things lie', () => {
  it('keeps the top level to a known few entries and dot files', () => {
    const strangers = readdirSync(ROOT).filter((name) => !name.startsWith('.') && !TOP_LEVEL.has(name) && !GENERATED.has(name));
    expect(strangers.filter((name) => !name.endsWith('.tgz'))).toEqual([]);
  });

  it('keeps folders in src at most two levels deep', () => {
    expect(sources.map((file) => file.path).filter((path) => path.split('/').length > 4)).toEqual([]);
  });

  it('calls no file by a name that says nothing', () => {
    const paths = sources.map((file) => file.path).filter((path) => !WELL_NAMED.has(path));
    expect(paths.filter((path) => path.split(/[/.-]/).some((word) => EMPTY_WORDS.has(word)))).toEqual([]);
  });

  it('writes file names in kebab-case', () => {
    expect(sources.map((file) => file.path).filter((path) => !/^[a-z0-9]+(?:[-/.][a-z0-9]+)*\.ts$/.test(path))).toEqual([]);
  });

  it('calls only the registries index', () => {
    expect(sources.map((file) => file.path).filter((path) => path.endsWith('/index.ts') && !REGISTRIES.has(path))).toEqual([]);
  });
});

describe('what a source file holds', () => {
  it('begins with a comment that says what it is', () => {
    expect(sources.filter((file) => !/^(?:#![^\n]*\n)?\/\*\*/.test(file.text)).map((file) => file.path)).toEqual([]);
  });

  it('speaks and ends the process only in the entries', () => {
    expect(violations(RULES.console, isOf('src/cli/', 'src/build/'))).toEqual([]);
    expect(violations(RULES.exit, isOf('src/cli/', 'src/build/'))).toEqual([]);
  });

  it('makes regular expressions of literals only, the seam in ruleset apart', () => {
    expect(violations(RULES.regExp, isOf('src/ruleset/'), 'code')).toEqual([]);
  });

  it('evaluates no text and starts no shell', () => {
    expect(violations(RULES.evaluation, () => false)).toEqual([]);
    expect(violations(RULES.shell, () => false, 'code')).toEqual([]);
  });

  it('has no default export', () => {
    // A declaration says what a foreign package exports.
    expect(violations(RULES.defaultExport, (file) => file.path.endsWith('.d.ts'))).toEqual([]);
  });

  it('reveals secrets in a few known files only', () => {
    expect(violations(RULES.reveal, (file) => file.path in REVEALERS)).toEqual([]);
  });

  it('lists no revealer that is gone', () => {
    expect(Object.keys(REVEALERS).filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

describe('errors', () => {
  const elsewhere = [...sources, ...readSources('bin', ['.ts', '.mjs'])].filter((file) => file.path !== 'src/core/errors.ts');

  it.each(Object.entries(ERRORS))('%s has a sentence in lower case, a hint, and a place that gives it', (code, entry) => {
    expect(entry.sentence).toMatch(/^(?:[a-z{]|--)/);
    expect(entry.sentence).not.toMatch(/\.$/);
    expect(entry.hint.length).toBeGreaterThan(9);
    expect(elsewhere.filter((file) => file.code.includes(`'${code}'`)).map((file) => file.path)).not.toEqual([]);
  });
});

describe('these tests themselves', () => {
  const faults = (rule: keyof typeof RULES, text: string, where: 'code' | 'bare' = 'bare'): number =>
    placesOf(lex('src/x/y.ts', text), RULES[rule], where).length;

  it('see what they look for', () => {
    expect(faults('console', 'console.log(1)')).toBe(1);
    expect(faults('exit', 'process.exit(1)')).toBe(1);
    expect(faults('regExp', 'new RegExp(text)', 'code')).toBe(1);
    expect(faults('regExp', `RegExp(\`a$\{x}\`)`, 'code')).toBe(1);
    expect(faults('regExp', "new RegExp(words.join('|'), 'g')", 'code')).toBe(1);
    expect(faults('evaluation', 'new Function("a")')).toBe(1);
    expect(faults('shell', 'spawn(a, { shell: true })', 'code')).toBe(1);
    expect(faults('defaultExport', 'export default 1')).toBe(1);
    expect(faults('reveal', "reveal(secret, 'report')")).toBe(1);
  });

  it('see nothing in comments, strings and regex literals', () => {
    expect(faults('console', "// console.log\n/* console.log */ const a = 'console.log(1)', b = /console.log/;")).toBe(0);
    expect(faults('regExp', "new RegExp('a+', 'g'); new RegExp(/x/)", 'code')).toBe(0);
    expect(faults('console', "const quote = /['\"]/; // console.log(1)\nconst next = 'console.log(2)';")).toBe(0);
    expect(faults('console', 'const half = total / 2; const third = total / 3; console.log(half)')).toBe(1);
  });
});
