import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { reveal } from '../../src/core/secret.ts';
import { StoreError } from '../../src/core/stores.ts';
import { envFiles } from '../../src/stores/env-files.ts';
import { parseEnv } from '../../src/stores/env-files-parse.ts';
import type { StoreContext } from '../../src/stores/store-kind.ts';
import { describeStore } from './contract.ts';

const folders: string[] = [];
const { signal } = new AbortController();

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A git work tree that ignores `.env` files, and what is below `private/`. */
function newTree(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'leakwarden-env-'));
  folders.push(folder);
  const { status } = spawnSync('git', ['init', '-q', folder]);
  expect(status).toBe(0);
  writeFileSync(join(folder, '.gitignore'), '.env*\n!.env.example\nprivate/\nnode_modules/\n');
  for (const [path, text] of Object.entries(files)) write(folder, path, text);
  return folder;
}

function write(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text, { mode: 0o600 });
}

function contextOf(folder: string): StoreContext {
  return {
    env: { PATH: process.env['PATH'], HOME: folder },
    folder,
    readFile: async (path) => readFileSync(path, 'utf8'),
    createClient: () => {
      throw new Error('files are read, nobody is asked');
    },
    now: () => new Date(0),
  };
}

describeStore(
  'env-files',
  async () => {
    const folder = newTree();
    const held = new Map<string, Map<string, string>>();
    return {
      store: envFiles.create({}, contextOf(folder)),
      put: async (ref, fields) => {
        const [path = '', name = ''] = ref.split('#');
        const variables = held.get(path) ?? new Map<string, string>();
        held.set(path, variables.set(name, fields[''] ?? ''));
        write(folder, path, Array.from(variables, ([key, value]) => `${key}="${value}"\n`).join(''));
      },
    };
  },
  {
    refs: ['.env#API_KEY', 'service/.env.local#TOKEN', 'private/.env#PASSWORD'],
    hasFields: false,
    oldVersions: 'none',
    manyRefs: (n) => `.env#SECRET_${n}`,
    manyCount: 60,
    faults: [],
  },
);

async function read(folder: string): Promise<{ readonly values: Record<string, string>; readonly problems: string[] }> {
  const store = envFiles.create({}, contextOf(folder));
  const values: Record<string, string> = {};
  const problems: string[] = [];
  for await (const one of store.secrets(signal)) {
    if ('code' in one) problems.push(`${one.where}: ${one.data['reason']}`);
    else
      for await (const value of store.values(one, one.versions, signal))
        if ('value' in value) values[value.ref] = reveal(value.value, 'compare');
  }
  return { values, problems };
}

describe('the .env files beside the code', () => {
  it('are those that git ignores, and no package’s', async () => {
    const folder = newTree({
      '.env': 'A_KEY=one-1\n',
      '.env.example': 'A_KEY=example\n',
      'app/.env.production': 'B_KEY=two-2\n',
      'private/deep/.env': 'C_KEY=three-3\n',
      'private/other.txt': 'D_KEY=four-4\n',
      'node_modules/x/.env': 'E_KEY=five-5\n',
      'tracked/.env': 'F_KEY=six-6\n',
    });
    spawnSync('git', ['-C', folder, 'add', '-f', 'tracked/.env']);
    expect(await read(folder)).toEqual({
      values: { '.env#A_KEY': 'one-1', 'app/.env.production#B_KEY': 'two-2', 'private/deep/.env#C_KEY': 'three-3' },
      problems: [],
    });
  });

  it('give no value that is encrypted, empty, looked up, or opens nothing', async () => {
    const folder = newTree({
      '.env': [
        'A_KEY="encrypted:BDqDBibm4wsYqMpCjTQ6BsDHmMadg9K3dAt"',
        'DOTENV_PUBLIC_KEY=034af93e',
        'B_KEY=',
        'C_KEY=op://vault/item/field',
        'D_KEY=$OTHER',
        `E_KEY=\${OTHER}`,
        'DB_HOST=db.example.com',
        'DB_PORT=5432',
        'DB_PASSWORD=real-7',
      ].join('\n'),
    });
    expect((await read(folder)).values).toEqual({ '.env#DB_PASSWORD': 'real-7' });
  });

  it('are said to be open to others when they are', async () => {
    const folder = newTree({ '.env': 'A_KEY=one-1\n', 'b/.env': 'B_KEY=two-2\n' });
    chmodSync(join(folder, '.env'), 0o644);
    const { identity, tooMuch } = await envFiles.create({}, contextOf(folder)).access(signal);
    expect(identity).toBe(`whoever may read the files in ${folder}`);
    expect(tooMuch).toEqual(['.env is open to others (mode 644); 0600 is enough']);
  });

  it('are problems one by one when they cannot be read', async () => {
    const folder = newTree({ '.env': 'A_KEY=one-1\n', '.env.large': 'x'.repeat((1 << 20) + 1), '.env.many': 'x' });
    write(folder, '.env.many', Array.from({ length: 5001 }, (_, n) => `V_${n}=${n}\n`).join(''));
    symlinkSync('/etc/passwd', join(folder, '.env.link'));
    expect(await read(folder)).toEqual({
      values: { '.env#A_KEY': 'one-1' },
      problems: ['.env.large: it is larger than 1 MiB', '.env.link: it is a link', '.env.many: it holds more than 5000 variables'],
    });
  });

  it('need a git work tree', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'leakwarden-env-'));
    folders.push(folder);
    const error = await envFiles
      .create({}, contextOf(folder))
      .access(signal)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StoreError);
    expect((error as StoreError).why).toBe('misconfigured');
  });
});

describe('the reader of .env files', () => {
  it.each([
    ['plain', 'A=b', { A: 'b' }],
    ['export', '  export A=b', { A: 'b' }],
    ['a colon', 'A: b', { A: 'b' }],
    ['spaces', 'A = b  c ', { A: 'b  c' }],
    ['a comment', '# A=b\nB=c # d', { B: 'c' }],
    ['# inside', 'A=b#c', { A: 'b#c' }],
    ['only a comment', 'A= # none', { A: '' }],
    ['single quotes', "A='b \\n # c' # d", { A: 'b \\n # c' }],
    ['double quotes', 'A="b\\n\\"c\\" # \\x"', { A: 'b\n"c" # \\x' }],
    ['back quotes', 'A=`b"\'c`', { A: 'b"\'c' }],
    ['several lines', 'A="one\ntwo"\nB=c', { A: 'one\ntwo', B: 'c' }],
    ['a quote that does not close', 'A="b\nB=c', { A: '"b', B: 'c' }],
    ['Windows', 'A=b\r\nB="c"\r\n', { A: 'b', B: 'c' }],
    ['the last one of two', 'A=b\nA=c', { A: 'c' }],
    ['no variables', 'hello\n=x\n\n', {}],
    ['an equals sign in the value', 'A=b==', { A: 'b==' }],
  ])('takes %s', (_, text, expected) => {
    expect(Object.fromEntries((parseEnv(text, 10) ?? []).map(({ name, value }) => [name, value]))).toEqual(expected);
  });

  it('gives back what was written in double quotes', () => {
    const written = (value: string): string =>
      `A="${value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}"\nB=1\n`;
    fc.assert(
      fc.property(fc.string(), (value) => {
        expect(parseEnv(written(value), 10)).toEqual([
          { name: 'A', value },
          { name: 'B', value: '1' },
        ]);
      }),
      { seed: 6 },
    );
  });

  it('takes a megabyte of quotes in no time', () => {
    const text = 'A="\n'.repeat(1 << 18);
    expect(parseEnv(text, 10)?.length).toBe(1);
  });
});
