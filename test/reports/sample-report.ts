/** Reports for the tests of src/reports: a small one for snapshots, and random hostile ones. No real-looking token stands in this file. */
import type {
  Finding,
  FindingHistory,
  Place,
  Problem,
  RenderOptions,
  Report,
  RuleHelp,
  Suppressed,
  Verdict,
} from '../../src/core/contracts.ts';
import { CONFIDENCES, SEVERITIES } from '../../src/core/rule.ts';
import { Secret } from '../../src/core/secret.ts';

export const PLAIN: RenderOptions = { rules: new Map(), colour: false, reveal: false };

function place(path: string, line: number, column: number): Place {
  return { path, line, column, endLine: line, endColumn: column + 40, span: { start: line * 80, end: line * 80 + 40 } };
}

const UNKNOWN: Verdict = { state: 'unknown', why: 'not-asked' };

function finding(fields: Partial<Finding> & { rule: string; secret: Secret }): Finding {
  return {
    id: '0'.repeat(32),
    provider: 'Example',
    name: fields.rule,
    severity: 'high',
    confidence: 'high',
    entropy: 4.25,
    checksum: 'none',
    details: {},
    preview: '',
    parts: {},
    places: [place('src/a.ts', 1, 1)],
    verdict: UNKNOWN,
    ...fields,
  };
}

const token = finding({
  id: '11112222333344445555666677778888',
  rule: 'example-token',
  name: 'Example token',
  severity: 'critical',
  checksum: 'valid',
  details: { 'Example account': '4711', 'key id': 'k-1' },
  secret: new Secret(`exa_${'k3'.repeat(18)}`),
  preview: 'exa_',
  places: [
    place('src/config.ts', 12, 18),
    place('src/config.ts', 40, 9),
    { ...place('docs/set up.md', 3, 2), decoded: ['base64', 'gzip'] },
  ],
});

const keyPair = finding({
  id: 'aaaabbbbccccddddeeeeffff00001111',
  rule: 'example-secret-key',
  name: 'Example secret key',
  confidence: 'medium',
  entropy: 4.6178,
  secret: new Secret('q7'.repeat(20)),
  parts: { id: { rule: 'example-key-id', secret: new Secret('EXAID'.repeat(4)), place: place('deploy/=prod.env', 1, 8) } },
  places: [place('deploy/=prod.env', 2, 12)],
});

const password = finding({
  id: '99998888777766665555444433332222',
  rule: 'generic-password',
  provider: 'generic',
  name: 'Password in an assignment',
  severity: 'medium',
  confidence: 'low',
  entropy: 2.75,
  secret: new Secret('swordfish'),
  places: Array.from({ length: 13 }, (_, index) => place(`test/case-${index + 1}.py`, index + 1, 5)),
});

const suppressed: readonly Suppressed[] = [
  { finding: { ...token, places: [place('test/a.ts', 5, 5)] }, by: 'allow-comment', reason: 'test double' },
  { finding: { ...password, places: [place('old/b.py', 1, 1)] }, by: 'baseline', reason: 'swordfish is known, see ticket 12' },
];

const problems: readonly Problem[] = [
  { code: 'unreadable', where: 'etc/shadow', data: { path: 'etc/shadow', reason: 'permission denied' } },
  { code: 'unreadable', where: 'bad\nname', data: { path: 'bad\nname', reason: 'permission denied' } },
  { code: 'not-a-file', where: 'run/queue', data: { path: 'run/queue', kind: 'named pipe' } },
];

function help(source: Finding, description: string, category: string, guide: string | null): RuleHelp {
  const { rule: id, name, provider, severity, confidence } = source;
  return { id, name, provider, category, description, severity, confidence, references: ['https://example.com/docs'], guide };
}

/** Every kind of content once; all values are fixed. */
export const SMALL_REPORT: Report = {
  tool: { name: 'leakwarden', version: '0.1.0' },
  started: '2001-02-03T04:05:06.000Z',
  inputs: ['.'],
  findings: [password, token, keyPair],
  suppressed,
  problems,
  stats: { files: 1204, bytes: 12_431_000, binaryFiles: 7, candidates: 93, rules: 120, threads: 2, seconds: 0.314, regexEngine: 're2js' },
};

export const SMALL_OPTIONS: RenderOptions = {
  ...PLAIN,
  rules: new Map(
    [
      help(token, 'Token of an Example user. Reads and writes all that the user can reach.', 'vcs', 'https://example.com/settings/tokens'),
      help(keyPair, 'Secret half of an Example key. Whoever has both halves acts as the account.', 'cloud', null),
      help(password, 'A password written into source code.', 'generic', null),
    ].map((entry) => [entry.id, entry]),
  ),
};

const COMMITS = ['1a'.repeat(20), '2b'.repeat(20), '3c'.repeat(20)] as const;

function history(fields: Partial<FindingHistory>): FindingHistory {
  const lists = { paths: [], branches: [], tags: [], refs: [], today: [], ...fields };
  const { paths, branches, tags, refs, today } = lists;
  const counts = { places: 1, paths: paths.length, branches: branches.length, tags: tags.length, refs: refs.length, today: today.length };
  return {
    firstCommit: COMMITS[0],
    firstSeen: '2001-01-01T10:00:00Z',
    author: 'Ada',
    inHead: false,
    ...lists,
    totals: { ...counts, ...fields.totals },
  };
}

/** An audit: a secret that is there, one that is gone but kept by a tag, one that no commit holds. */
export const AUDIT_REPORT: Report = {
  ...SMALL_REPORT,
  inputs: ['https://example.com/team/project.git'],
  findings: [
    {
      ...token,
      places: [
        { ...place('src/old.ts', 4, 18), commit: COMMITS[0] },
        { ...place('src/config.ts', 12, 18), commit: COMMITS[1] },
      ],
      history: history({
        authorEmail: 'ada@example.com',
        paths: ['src/old.ts', 'src/config.ts'],
        branches: ['dev', 'main', 'origin/a', 'origin/b', 'origin/c'],
        tags: ['v1'],
        today: ['main'],
        inHead: true,
        totals: { places: 130, paths: 2, branches: 61, tags: 1, refs: 0, today: 1 },
      }),
    },
    {
      ...password,
      places: [{ ...place('test/case.py', 1, 5), commit: COMMITS[0] }],
      history: history({
        paths: ['test/case.py'],
        tags: ['v1'],
        refs: ['refs/pull/7/head'],
        author: 'Eve swordfish',
        removedIn: COMMITS[2],
        removedAt: '2001-02-01T10:00:00Z',
      }),
    },
    {
      ...keyPair,
      places: [place(`.git/blob/${COMMITS[1]}`, 2, 12)],
      history: history({ firstCommit: null, firstSeen: null, author: null }),
    },
  ],
  suppressed: [],
  problems: [{ code: 'shallow-clone', where: 'project', data: { path: 'project' } }],
  stats: { ...SMALL_REPORT.stats, commits: 88, scannedBytes: 4_000_000 },
  repositories: [
    { name: 'project', origin: 'https://example.com/team/project.git', head: COMMITS[2], branch: 'main', submodules: ['vendor/a'] },
  ],
};

export const CLEAN_REPORT: Report = { ...SMALL_REPORT, findings: [], suppressed: [], problems: [] };

/** Characters that some format or terminal obeys. */
const HOSTILE = [
  ...[
    '\n',
    '\r',
    '\t',
    '\0',
    '\u001b[2J',
    '\u009b31m',
    '\u202e',
    '\u2028',
    '\u2066',
    '"',
    "'",
    '`',
    ',',
    ';',
    '=',
    '+',
    '-',
    '@',
    '%',
    '\\',
  ],
  ...['<', '>', '&', '|', '#', '$&', '../', '/', ' ', 'C:/', '%41', 'é', '🙂', '\ufeff', '\uff1d', 'name', '.ts'],
];

const CHARACTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/=$&-';

/** Draws from a fixed seed (mulberry32): the same reports in every run. */
function createDrawing(seed: number) {
  let state = seed;
  const below = (limit: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
  const oneOf = <Value>(values: readonly Value[]): Value => {
    const value = values[below(values.length)];
    if (value === undefined) throw new Error('nothing to draw from');
    return value;
  };
  const many = <Value>(most: number, make: () => Value): Value[] => Array.from({ length: below(most + 1) }, make);
  const text = (characters: string | readonly string[], length: number): string =>
    Array.from({ length }, () => oneOf([...characters])).join('');
  return { below, oneOf, many, text };
}

type Drawing = ReturnType<typeof createDrawing>;

export type RandomReport = { readonly report: Report; readonly values: readonly string[] };

/** Values begin with a mark that no other text of a report holds; some are short, some span lines. */
function drawValue({ below, oneOf, text }: Drawing): string {
  return oneOf([
    `Zq${text(CHARACTERS, 22 + below(40))}`,
    `Zq${text('0123456789abcdef', 3 + below(4))}!`,
    `Zq${text('0123456789ABCDEF', 20)}\n${text('0123456789ABCDEF', 20)}\n`,
  ]);
}

/** Hostile paths, some of them named after the secret that the file holds. */
function drawPlace(drawing: Drawing, value: string): Place {
  const { below, text } = drawing;
  const path = text(HOSTILE, below(8));
  const isNamedAfterSecret = value.length >= 16 && below(3) === 0;
  return place(isNamedAfterSecret ? `${path}/${value}.txt` : `${path}x`, 1 + below(5000), 1 + below(300));
}

/** Names that are as short as a word are left as they are (src/reports/mask.ts). */
function isLong(name: string): boolean {
  return name.length > 40;
}

function drawFinding(drawing: Drawing): { finding: Finding; values: string[] } {
  const { below, oneOf, many, text } = drawing;
  const values = [drawValue(drawing), ...(below(2) === 0 ? [drawValue(drawing)] : [])];
  const [value = '', partValue] = values;
  const part = partValue === undefined ? null : { rule: 'other-rule', secret: new Secret(partValue), place: drawPlace(drawing, value) };
  const verdicts: readonly Verdict[] = [
    UNKNOWN,
    { state: 'unknown', why: 'timed-out', by: 'vault' },
    { state: 'live', by: 'vault', at: '2001-02-03T04:05:06Z', where: 'kv/app\u001b[1m' },
    { state: 'retired', by: 'issuer', at: '2001-02-03T04:05:06Z', where: 'api' },
  ];
  const fields = {
    id: text('0123456789abcdef', 32),
    rule: oneOf(['rule-a', 'rule-b', 'rule-c']),
    name: 'A rule',
    severity: oneOf(SEVERITIES),
    confidence: oneOf(CONFIDENCES),
    secret: new Secret(value),
    places: [drawPlace(drawing, value), ...many(13, () => drawPlace(drawing, value))],
    parts: part === null ? {} : { id: part },
    verdict: oneOf(verdicts),
  };
  const name = (): string => `${text(HOSTILE, below(4))}${value}`;
  const told = history({
    author: name(),
    authorEmail: name(),
    branches: many(6, name).filter(isLong),
    paths: many(3, name).filter(isLong),
  });
  return { finding: finding(below(2) === 0 ? fields : { ...fields, history: told }), values };
}

function drawReport(drawing: Drawing): RandomReport {
  const { below, oneOf, many, text } = drawing;
  const found = many(5, () => drawFinding(drawing));
  const others = many(3, () => drawFinding(drawing));
  const paths = many(3, () => text(HOSTILE, below(8)));
  const report: Report = {
    ...SMALL_REPORT,
    findings: found.map((entry) => entry.finding),
    suppressed: others.map((entry) => ({
      finding: entry.finding,
      by: oneOf(['allow-comment', 'path', 'baseline']),
      reason: `${text(HOSTILE, 3)} ${entry.values.join(' ')}`,
    })),
    ...(below(2) === 0 ? {} : { repositories: AUDIT_REPORT.repositories ?? [] }),
    problems: paths.map((path) => ({ code: 'unreadable', where: path, data: { path, reason: 'no' } })),
  };
  return { report, values: [...found, ...others].flatMap((entry) => entry.values) };
}

const drawing = createDrawing(20);

/** Reports whose paths, reasons and problems are hostile, and whose allow comments and paths repeat the secret they stand beside. */
export const RANDOM_REPORTS: readonly RandomReport[] = Array.from({ length: 150 }, () => drawReport(drawing));
