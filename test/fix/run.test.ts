/** Rewritten programs, run: each prints the digest of its secret before and after, and must not run without the variable. Languages that the machine lacks are skipped. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyEdits, rewriteValue } from '../../src/fix/rewrite.ts';

const VALUE = createHash('sha256').update('test/fix/run').digest('base64url').slice(0, 24).replace(/[-_]/g, 'x');

type Program = {
  readonly language: string;
  readonly file: string;
  /** VALUE stands for the secret; it prints PRE, the secret and POST. */
  readonly text: string;
  /** Commands with their arguments, run in the folder one after another. */
  readonly run: readonly (readonly string[])[];
};

const PROGRAMS: readonly Program[] = [
  {
    language: 'JavaScript',
    file: 'a.mjs',
    text: 'const a = "<" + `u:VALUE@h`.slice(2, -2) + ">";\nconsole.log(a);\n',
    run: [['node', 'a.mjs']],
  },
  { language: 'Python', file: 'a.py', text: '"""Doc."""\nKEY = "<VALUE>"\nprint(KEY)\n', run: [['python3', 'a.py']] },
  { language: 'shell', file: 'a.sh', text: 'KEY=VALUE\necho \'<VALUE>\' >/dev/null\necho "<$KEY>"\n', run: [['bash', 'a.sh']] },
  { language: 'Perl', file: 'a.pl', text: 'my $key = \'<VALUE>\';\nprint "$key\\n";\n', run: [['perl', 'a.pl']] },
  { language: 'Ruby', file: 'a.rb', text: 'key = "<VALUE>"\nputs key\n', run: [['ruby', 'a.rb']] },
  { language: 'PHP', file: 'a.php', text: '<?php\n$key = "<VALUE>";\necho $key, "\\n";\n', run: [['php', 'a.php']] },
  {
    language: 'Go',
    file: 'a.go',
    text: 'package main\n\nimport "fmt"\n\nconst key = "<VALUE>"\n\nfunc main() {\n\tfmt.Println(key)\n}\n',
    run: [['go', 'run', 'a.go']],
  },
  {
    language: 'Rust',
    file: 'a.rs',
    text: 'fn main() {\n    let key: &str = "<VALUE>";\n    println!("{}", key);\n}\n',
    run: [['rustc', 'a.rs'], ['./a']],
  },
  {
    language: 'Java',
    file: 'A.java',
    text: 'class A {\n  static final String KEY = "<VALUE>";\n  public static void main(String[] a) { System.out.println(KEY); }\n}\n',
    run: [['java', 'A.java']],
  },
  {
    language: 'C',
    file: 'a.c',
    text: '#include <stdio.h>\nint main(void) {\n  const char *key = "VALUE";\n  printf("<%s>\\n", key);\n}\n',
    run: [['gcc', '-o', 'a', 'a.c'], ['./a']],
  },
  {
    language: 'C++',
    file: 'a.cpp',
    text: '#include <iostream>\n#include <string>\nint main() {\n  std::string key = "VALUE";\n  std::cout << "<" << key << ">\\n";\n}\n',
    run: [['g++', '-o', 'a', 'a.cpp'], ['./a']],
  },
];

const has = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'leakwarden-fix-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Rewrites all occurrences, the last first. */
function fixed(file: string, text: string): string {
  let out = text;
  for (let at = out.lastIndexOf(VALUE); at >= 0; at = out.lastIndexOf(VALUE)) {
    const result = rewriteValue(file, out, { start: at, end: at + VALUE.length }, 'FIX_TEST_KEY');
    if ('refused' in result) throw new Error(result.refused);
    out = applyEdits(out, result.edits);
  }
  return out;
}

function output({ file, run }: Program, text: string, env: Record<string, string>): string {
  writeFileSync(join(folder, file), text);
  let last = '';
  for (const [program = '', ...args] of run)
    last = execFileSync(program, args, {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  return last;
}

describe('a rewritten program', () => {
  for (const program of PROGRAMS) {
    const tool = program.run[0]?.[0] ?? '';
    it.skipIf(!has(tool))(`${program.language} does the same as before, with the value from the environment`, { timeout: 120_000 }, () => {
      const text = program.text.replaceAll('VALUE', VALUE);
      const now = fixed(program.file, text);
      expect(now).not.toContain(VALUE);
      expect(output(program, text, {})).toBe(`<${VALUE}>\n`);
      expect(output(program, now, { FIX_TEST_KEY: VALUE })).toBe(`<${VALUE}>\n`);
    });
  }
});
