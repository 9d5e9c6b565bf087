/** Assignments in the usual syntaxes, read backwards from a value and forwards from a keyword; and what is read of hostile text. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAssignmentBefore } from '../../src/engine/assignment.ts';
import { readAssignmentsAfter } from '../../src/engine/assignment-after.ts';

/** Stands for the value. Built here, so that no row holds it by chance. */
const VALUE = 'Vq7xK2mZ';

type Row = readonly [syntax: string, text: string, name: string, operator: string];

/** `@` is the value; `name` is what the backward reading must hold and the forward reading must give; keyword: `password`. */
const BOTH: readonly Row[] = [
  ['JavaScript const', 'const password = "@";', 'password', '='],
  ['JavaScript let, single quotes', "let dbPassword='@'", 'dbPassword', '='],
  ['JavaScript property', '  password: "@",', 'password', ':'],
  ['JavaScript quoted property', "{ 'password': '@' }", 'password', ':'],
  ['JavaScript member', 'config.db.password = `@`', 'config.db.password', '='],
  ['JavaScript subscript', 'config["db_password"] = "@"', 'db_password', '='],
  ['JavaScript or', 'password ||= "@"', 'password', '||='],
  ['JavaScript nullish', 'password ??= "@"', 'password', '??='],
  ['TypeScript annotation', 'const password: string = "@"', 'password', '='],
  ['TypeScript optional', 'password?: string = "@"', 'password', '='],
  ['JSX attribute', '<Login password="@" />', 'password', '='],
  ['Python', "PASSWORD = '@'", 'PASSWORD', '='],
  ['Python bytes', "password = b'@'", 'password', '='],
  ['Python annotation', 'password: str = "@"', 'password', '='],
  ['Python keyword argument', 'connect(user, password="@")', 'password', '='],
  ['Python dict', 'auth = {"password": "@"}', 'password', ':'],
  ['Python environ', 'os.environ["DB_PASSWORD"] = "@"', 'DB_PASSWORD', '='],
  ['Python triple quotes', 'password = """@"""', 'password', '='],
  ['Ruby hash rocket', ':password => "@"', 'password', '=>'],
  ['Ruby symbol key', 'login(password: "@")', 'password', ':'],
  ['Ruby quoted rocket', "'password' => '@'", 'password', '=>'],
  ['PHP variable', "$password = '@';", 'password', '='],
  ['PHP member', "$this->password = '@';", 'password', '='],
  ['PHP array', "$config['password'] = '@';", 'password', '='],
  ['PHP define', "define('DB_PASSWORD', '@');", 'DB_PASSWORD', ','],
  ['Java', 'private static final String PASSWORD = "@";', 'PASSWORD', '='],
  ['Java setter', 'ds.setPassword("@");', 'ds.setPassword', '('],
  ['Gradle property', 'property "db.password", "@"', 'db.password', ','],
  ['Ruby setting', "  set :db_password, '@'", 'db_password', ','],
  ['Java property', 'props.setProperty("db.password", "@");', 'db.password', ','],
  ['Kotlin', 'val password: String = "@"', 'password', '='],
  ['Scala', 'val password = "@"', 'password', '='],
  ['C', 'char password[] = "@";', 'password', '='],
  ['C sized array', 'const char password[32] = "@";', 'password', '='],
  ['C define', '#define DB_PASSWORD "@"', 'DB_PASSWORD', ' '],
  ['C++', 'std::string password = "@";', 'password', '='],
  ['C#', 'var password = @"@";', 'password', '='],
  ['C# property', 'Password = "@",', 'Password', '='],
  ['Go short', 'password := "@"', 'password', ':='],
  ['Go var', 'var password string = "@"', 'password', '='],
  ['Go struct', '\tPassword: "@",', 'Password', ':'],
  ['Rust', 'let password = "@";', 'password', '='],
  ['Rust typed', 'const PASSWORD: &str = "@";', 'PASSWORD', '='],
  ['Swift', 'let password = "@"', 'password', '='],
  ['Objective-C', 'NSString *password = @"@";', 'password', '='],
  ['R', 'password <- "@"', 'password', '<-'],
  ['Perl hash', "$h{password} = '@';", 'password', '='],
  ['Lua', 'password = "@"', 'password', '='],
  ['Haskell', 'password = "@"', 'password', '='],
  ['PowerShell', '$Password = "@"', 'Password', '='],
  ['Elixir', 'password: "@"', 'password', ':'],
  ['Dart', "final password = '@';", 'password', '='],
  ['YAML', 'password: @', 'password', ':'],
  ['YAML quoted', 'db:\n  password: "@"', 'password', ':'],
  ['YAML list of environment', '  - name: PASSWORD\n    value: @', 'PASSWORD', ':'],
  ['JSON', '"password": "@",', 'password', ':'],
  ['JSON in a string', '"{\\"password\\": \\"@\\"}"', 'password', ':'],
  ['JSON name and value', '{"name": "password", "value": "@"}', 'password', ':'],
  ['TOML', 'password = "@"', 'password', '='],
  ['INI', 'password=@', 'password', '='],
  ['INI with blanks', 'password = @', 'password', '='],
  ['.env', 'DB_PASSWORD=@', 'DB_PASSWORD', '='],
  ['.env export', 'export DB_PASSWORD="@"', 'DB_PASSWORD', '='],
  ['properties', 'spring.datasource.password=@', 'spring.datasource.password', '='],
  ['HCL', '  password = "@"', 'password', '='],
  ['Dockerfile ENV', 'ENV DB_PASSWORD @', 'DB_PASSWORD', ' '],
  ['Dockerfile ENV with =', 'ENV DB_PASSWORD=@', 'DB_PASSWORD', '='],
  ['Dockerfile ARG', 'ARG password=@', 'password', '='],
  ['docker run', 'docker run -e MYSQL_PASSWORD=@ mysql', 'MYSQL_PASSWORD', '='],
  ['command option', 'mysql --password=@ app', 'password', '='],
  ['command option apart', 'login --password @ now', 'password', ' '],
  ['Java system property', 'java -Ddb.password=@ -jar app.jar', 'Ddb.password', '='],
  ['Windows set', 'set PASSWORD=@', 'PASSWORD', '='],
  ['make', 'PASSWORD ?= @', 'PASSWORD', '?='],
  ['make simple', 'PASSWORD := @', 'PASSWORD', ':='],
  ['XML element', '<password>@</password>', 'password', '>'],
  ['XML element on lines', '<password>\n  @\n</password>', 'password', '>'],
  ['XML attribute', '<user password="@"/>', 'password', '='],
  ['XML key and value', '<add key="password" value="@"/>', 'password', '='],
  ['Android resource', '<string name="password">@</string>', 'password', '>'],
  ['property list', '<key>password</key>\n<string>@</string>', 'password', '>'],
  ['escaped XML', '&lt;a password=&quot;@&quot;', 'password', '='],
  ['URL query', 'https://h/p?user=a&password=@&x=1', 'password', '='],
  ['connection string', 'Server=db;Uid=sa;Password=@;Encrypt=yes', 'Password', '='],
  ['SQL', "ALTER ROLE app PASSWORD '@'", 'PASSWORD', ' '],
  ['Lisp', '(setq password "@")', 'password', ' '],
  ['comment', '# password: @', 'password', ':'],
  ['Markdown', '- **password**: @', 'password', ':'],
  ['call with an option first', 'form.append("password", "@")', 'password', ','],
];

const fill = (text: string): { text: string; at: number } => {
  const at = text.lastIndexOf('@');
  return { text: text.slice(0, at) + VALUE + text.slice(at + 1), at };
};

describe('both directions', () => {
  it.each(BOTH)('%s', (_syntax, template, name, operator) => {
    const { text, at } = fill(template);
    const keyword = text.toLowerCase().indexOf('password');
    const after = readAssignmentsAfter(text, keyword, keyword + 8, 200);
    expect(after && text.slice(after.valueStart, after.valueEnd)).toBe(VALUE);
    expect(after && text.slice(after.nameStart, after.nameEnd)).toBe(name);
    expect(after?.operator).toBe(operator);
    const before = readAssignmentBefore(text, at, 80);
    expect(before && text.slice(before.nameStart, before.nameEnd).toLowerCase()).toContain('password');
  });
});

describe('readAssignmentBefore', () => {
  const QUALIFIED: readonly (readonly [string, string])[] = [
    ['twilio.auth.token = "@"', 'twilio.auth.token'],
    ['config["twilio"]["token"] = "@"', 'config["twilio"]["token"]'],
    ['const token = process.env.TWILIO || "@"', 'process.env.TWILIO'],
    ['token = os.environ.get("TWILIO", "@")', 'TWILIO'],
    ['Authorization: Bearer @', 'Authorization: Bearer'],
    ['"Authorization": "Bearer @"', 'Authorization'],
    ['AWS Secret Key: @', 'AWS Secret Key'],
    ['keys:\n  - @', 'keys'],
    ['keys = ["a", "@"]', 'keys'],
    ['x = Buffer.from("@")', 'x = Buffer.from'],
    ['Client(sid, "@")', 'Client'],
    ['| token | @ |', 'token'],
    ['token%3D@', 'token'],
  ];
  it.each(QUALIFIED)('takes what qualifies the name: %s', (template, wanted) => {
    const { text, at } = fill(template);
    const before = readAssignmentBefore(text, at, 80);
    expect(before && text.slice(before.nameStart, before.nameEnd)).toContain(wanted);
  });

  it('gives null where a value stands alone', () => {
    for (const template of ['@', 'see\n\n\n@', '/@']) {
      const { text, at } = fill(template);
      expect(readAssignmentBefore(text, at, 80)).toBeNull();
    }
  });

  it('looks no further back than it may', () => {
    const text = `password = ${' '.repeat(100)}"${VALUE}"`;
    expect(readAssignmentBefore(text, text.indexOf(VALUE), 80)).toBeNull();
    expect(readAssignmentBefore(text, text.indexOf(VALUE), 150)).not.toBeNull();
    const far = `password:\n\n\n${VALUE}`;
    expect(readAssignmentBefore(far, far.indexOf(VALUE), 80)).toBeNull();
  });
});

describe('readAssignmentsAfter', () => {
  const read = (text: string, keyword = 'password'): string | null => {
    const at = text.toLowerCase().indexOf(keyword);
    const found = readAssignmentsAfter(text, at, at + keyword.length, 300);
    return found && text.slice(found.valueStart, found.valueEnd);
  };

  const VALUES: readonly (readonly [string, string | null])[] = [
    ['password = "a\\"b c"', 'a\\"b c'],
    ['password = process.env.PASSWORD || "abc123"', 'abc123'],
    ['password = os.getenv("PASSWORD", "abc123")', 'abc123'],
    ['password = os.getenv("PASSWORD")', 'os.getenv'],
    ['password = Base64.decode("YWJj")', 'YWJj'],
    ['password: ${DB_PASSWORD:-abc123}', 'abc123'],
    ['password: |\n  abc123\n', 'abc123'],
    ['password: a;b#c]d\n', 'a;b#c]d'],
    ['f(password=abc, x=1)', 'abc'],
    ['Consumer password: ``abc123``\n', 'abc123'],
    ['password=\nuser=abc', null],
    ['password: ""', null],
    ['["password", "token"].includes(x)', 'token'],
    ['Hash("password", "abc123")', null],
    ['if (!password) return', null],
    ['the password must be long', null],
    ['password::find("x")', null],
    ['password = "unclosed', null],
    ['{ "password": { "type": "string" } }', null],
  ];
  it.each(VALUES)('%j gives %j', (text, wanted) => {
    const value = read(text);
    if (wanted === 'os.getenv') expect(value?.startsWith('os.getenv') ?? true).toBe(true);
    else expect(value).toBe(wanted);
  });

  it('leaves the scheme of an authorization header out', () => {
    expect(read('Authorization: Bearer abc123def', 'auth')).toBe('abc123def');
    expect(read('"Authorization": "Basic YWJjOmRlZg=="', 'auth')).toBe('YWJjOmRlZg==');
  });

  it('says how the value was quoted', () => {
    expect(readAssignmentsAfter('{\\"password\\": \\"abc\\"}', 3, 11, 100)).toMatchObject({ quoted: true, quote: '\\"' });
    expect(readAssignmentsAfter('password=abc', 0, 8, 100)).toMatchObject({ quoted: false, quote: '' });
  });
});

describe('hostile text', () => {
  const pieces = [
    'password',
    '=',
    ':',
    '"',
    "'",
    '`',
    '\\',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    '<',
    '>',
    ',',
    ' ',
    '\n',
    '|',
    '&quot;',
    '${',
    '/',
    '-',
    '.',
    'x',
    '%3D',
    'é',
  ];
  const soup = fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((parts) => Buffer.from(parts.join('')).toString('latin1'));

  it('never throws and stays in range', () => {
    fc.assert(
      fc.property(soup, fc.nat(300), fc.nat(80), fc.nat(300), (text, at, length, within) => {
        const before = readAssignmentBefore(text, at, within);
        if (before) {
          expect(before.nameStart).toBeGreaterThanOrEqual(Math.max(0, Math.min(at, text.length) - within));
          expect(before.nameEnd).toBeGreaterThan(before.nameStart);
          expect(before.nameEnd).toBeLessThanOrEqual(at);
        }
        const after = readAssignmentsAfter(text, at, at + length, within);
        if (after) {
          expect(after.valueStart).toBeGreaterThanOrEqual(after.nameEnd);
          expect(after.valueEnd).toBeGreaterThan(after.valueStart);
          expect(after.valueEnd).toBeLessThanOrEqual(Math.min(text.length, at + length + within));
        }
      }),
      { seed: 7, numRuns: 3000 },
    );
  });

  it.each(['password', 'password=', 'password(', '${', '"', '\\', '<password ', 'a[', '(', 'password,"', '{{'])(
    'a line of one megabyte of %j is read in linear time',
    (unit) => {
      const text = unit.repeat(Math.ceil(1_000_000 / unit.length));
      const started = performance.now();
      for (let at = 0; at < text.length; at += 200) {
        readAssignmentBefore(text, at, 250);
        readAssignmentsAfter(text, at, Math.min(text.length, at + 8), 1024);
      }
      // 5,000 readings of at most 1.3 kB each take some 50 ms; quadratic ones would take minutes.
      expect(performance.now() - started).toBeLessThan(5000);
    },
  );
});
