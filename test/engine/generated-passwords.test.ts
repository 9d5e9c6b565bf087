/**
 * Passwords as password managers make them, written into a literal of every common syntax with that syntax's escapes: found, and found whole. Random text takes by
 * chance the forms of code, templates and patterns that a scanner must leave alone (`^c^Gyi#`, `M(!D^,.yJ`), which is what these tests are about.
 */
import { describe, expect, it } from 'vitest';
import { randomNumbers } from '../kernel/random-text.ts';
import { isReported, makeScanners, scanText } from './rules-scanner.ts';

const { usual } = makeScanners();

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
/** Signs that a generator uses, and how many in a hundred of its passwords must be found in a literal and without quotes, where a sign may be code. Among all signs of the keyboard are backslashes and quotes, which make escapes. */
const GENERATORS: readonly (readonly [name: string, signs: string, least: number, leastUnquoted: number])[] = [
  ['letters and digits', '', 99, 99],
  ['the signs above the digits', '!@#$%^&*', 98, 97],
  ['the signs that are neither brackets nor quotes', '!@#$%^&*_-+=?.:,;/', 96, 90],
  ['all signs of the keyboard', '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~', 92, 70],
];
const LENGTHS = [12, 16, 20, 24, 32];

const escaped = (value: string, quote: string): string => value.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`);
const doubled = (value: string, quote: string): string => value.replaceAll(quote, quote + quote);
const inXml = (value: string): string =>
  value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const inJson = (value: string): string => JSON.stringify(value).slice(1, -1);

/** File, what stands before and behind the value, and how the syntax writes it. */
const SYNTAXES: readonly (readonly [path: string, before: string, behind: string, write: (value: string) => string])[] = [
  ['a.py', 'db_password = "', '"', (value) => escaped(value, '"')],
  ['b.py', 'conn = connect(host="db", user="app", password=\'', "')", (value) => escaped(value, "'")],
  ['a.json', '  "password": "', '",', inJson],
  ['a.yaml', '  password: "', '"', inJson],
  ['b.yaml', "  password: '", "'", (value) => doubled(value, "'")],
  ['.env', "DB_PASSWORD='", "'", (value) => value.replaceAll("'", '-')],
  ['a.toml', 'password = "', '"', inJson],
  ['a.xml', '<add key="SmtpPassword" value="', '"/>', inXml],
  ['a.tf', '  password = "', '"', (value) => inJson(value.replaceAll('${', '$').replaceAll('%{', '%'))],
  ['a.js', "const dbPassword = '", "';", (value) => escaped(value, "'")],
  ['b.js', 'if (password === "', '") {', (value) => escaped(value, '"')],
  ['a.go', '\tpassword := "', '"', (value) => escaped(value, '"')],
  ['b.go', '\tpassword := `', '`', (value) => value.replaceAll('`', '-')],
  ['a.java', '    private static final String PASSWORD = "', '";', (value) => escaped(value, '"')],
  ['b.java', 'props.setProperty("db.password", "', '");', (value) => escaped(value, '"')],
  ['a.cs', 'string password = @"', '";', (value) => doubled(value, '"')],
  ['a.php', "define('DB_PASSWORD', '", "');", (value) => escaped(value, "'")],
  ['a.rb', '  :password => "', '",', (value) => escaped(value, '"')],
  ['a.rs', 'let password = r#"', '"#;', (value) => value.replaceAll('"#', '-')],
  ['a.ps1', "$password = '", "'", (value) => doubled(value, "'")],
  ['a.sql', "CREATE USER app IDENTIFIED BY '", "';", (value) => value.replaceAll(/["'\\]/g, '-')],
  ['a.sh', "export PGPASSWORD='", "'", (value) => value.replaceAll("'", '-')],
];

/** The rest of a line. What a syntax takes for something else is left out of its values. */
const UNQUOTED: typeof SYNTAXES = [
  ['.env', 'DB_PASSWORD=', '', (value) => value.replaceAll(/["'#$`\\]/g, '')],
  ['a.properties', 'spring.datasource.password=', '', (value) => value.replaceAll(/["'\\]/g, '')],
  ['a.ini', 'password = ', '', (value) => value.replaceAll(/["';#\\]/g, '')],
  ['docker-compose.yml', '      - POSTGRES_PASSWORD=', '', (value) => value.replaceAll(/["'#$\\]/g, '')],
];

const ROUNDS = 100;

describe.each(GENERATORS)('passwords of %s', (_name, signs, inQuotes, unquoted) => {
  const cases = [...SYNTAXES.map((syntax) => [...syntax, inQuotes] as const), ...UNQUOTED.map((syntax) => [...syntax, unquoted] as const)];

  it.each(cases)('are found in %s: %s…%s', (path, before, behind, write, least) => {
    const next = randomNumbers(signs.length * 1000 + path.length * 10 + before.length);
    const missed: string[] = [];
    let whole = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const value = write(makePassword(next, LETTERS + signs));
      const found = scanText(usual, path, `${before}${value}${behind}`).filter(isReported);
      if (found.length === 0) missed.push(value);
      if (found.some(({ secret }) => secret === value)) whole++;
    }
    expect(missed.length, missed.join('\n')).toBeLessThanOrEqual(ROUNDS - least);
    expect(whole).toBeGreaterThanOrEqual(least - 4);
  });
});

it('a long password is found whole', () => {
  const next = randomNumbers(400);
  const value = Array.from({ length: 400 }, () => LETTERS[next(LETTERS.length)] ?? '').join('');
  expect(scanText(usual, 'a.py', `password = "${value}"`).map(({ secret }) => secret)).toEqual([value]);
});

/** With a small letter, a capital and a digit, as generators promise. */
function makePassword(next: (limit: number) => number, alphabet: string): string {
  const length = LENGTHS[next(LENGTHS.length)] ?? 16;
  for (;;) {
    const value = Array.from({ length }, () => alphabet[next(alphabet.length)] ?? '').join('');
    if (/[a-z]/.test(value) && /[A-Z]/.test(value) && /\d/.test(value)) return value;
  }
}
