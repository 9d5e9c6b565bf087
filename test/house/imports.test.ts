/** The direction of imports, exactly as STYLE.md section 2 and DESIGN.md section 3 have it; and which packages belong to which folder. */
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { computedImportsOf, importsOf, lex, readSources, type SourceFile } from './source-text.ts';

/** Each row may import from the rows above it, and from its own folder; never sideways, never up. `build` is what the build itself runs. */
const LAYERS = [
  ['core'],
  ['kernel', 'git', 'net', 'ruleset', 'system'],
  ['engine', 'sources', 'suppress', 'stores', 'issuers', 'reports', 'check', 'rotate'],
  ['pipeline', 'fix'],
  ['hooks', 'action', 'fleet'],
  ['cli', 'build'],
] as const;

/** Packages and built-in modules that one folder alone may import: the seams at which the outside is kept. */
const SEAMS: Readonly<Record<string, readonly string[]>> = {
  're2': ['ruleset'],
  're2js': ['ruleset'],
  'simple-git': ['git'],
  '@octokit/rest': ['net'],
  '@octokit/plugin-retry': ['net'],
  '@octokit/plugin-throttling': ['net'],
  'node:child_process': ['git', 'system'],
  'undici': ['net'],
  'node:http': ['net'],
  'node:https': ['net'],
  'node:http2': ['net'],
  'node:net': ['net'],
  'node:tls': ['net'],
  'node:dns': ['net'],
  'node:vm': [],
};

/** What core may import besides itself: no I/O. */
const PURE_MODULES = ['node:crypto', 'node:buffer', 'node:util', 'node:path'];

const isAssembly = (path: string): boolean => path.startsWith('src/kernel/assembly/');

/** Returns `kernel` for src/kernel/scan.ts and `pipeline` for src/pipeline.ts. */
function folderOf(path: string): string {
  return (path.split('/')[1] ?? '').replace(/\.ts$/, '');
}

function layerOf(folder: string): number {
  return LAYERS.findIndex((layer) => (layer as readonly string[]).includes(folder));
}

/** Returns what is wrong with a file's imports, one line each. */
function faultsOf(file: SourceFile): string[] {
  const from = folderOf(file.path);
  return importsOf(file).flatMap(({ specifier, line }) => {
    const fault = specifier.startsWith('.') ? faultOfFile(file.path, specifier) : faultOfPackage(from, specifier);
    return fault === null ? [] : [`${file.path}:${line}: ${specifier}: ${fault}`];
  });
}

function faultOfFile(path: string, specifier: string): string | null {
  const target = posix.join(posix.dirname(path), specifier);
  if (isAssembly(path)) {
    return isAssembly(target) || target.replace(/\.ts$/, '') === 'src/core/kernel-layout'
      ? null
      : 'assembly imports itself and the layout only';
  }
  if (target === 'package.json' || target.startsWith('dist/')) return null;
  if (!target.startsWith('src/')) return 'outside of src';
  if (isAssembly(target)) return 'AssemblyScript is compiled, not imported';
  const [from, to] = [folderOf(path), folderOf(target)];
  if (layerOf(to) < 0) return `unknown folder ${to}`;
  if (from === to || layerOf(to) < layerOf(from)) return null;
  return layerOf(to) === layerOf(from) ? `sideways, ${from} to ${to}` : `up, ${from} to ${to}`;
}

function faultOfPackage(from: string, specifier: string): string | null {
  const name = specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : (specifier.split('/')[0] ?? '');
  const owners = SEAMS[name];
  if (owners !== undefined && !owners.includes(from)) return `only for src/${owners.join(', src/') || '(nobody)'}`;
  if (from === 'core' && !PURE_MODULES.includes(specifier)) return 'core has no I/O';
  return null;
}

describe('direction of imports', () => {
  const sources = readSources('src');

  it('has sources to look at', () => {
    expect(sources.length).toBeGreaterThan(0);
  });

  it('is core, then kernel git net ruleset system, then the stages, then pipeline, then the entries', () => {
    expect(sources.flatMap(faultsOf)).toEqual([]);
  });

  it('knows every folder of src', () => {
    expect(sources.filter((file) => layerOf(folderOf(file.path)) < 0).map((file) => file.path)).toEqual([]);
  });

  it('can be followed: no module is imported by a computed name', () => {
    const computed = sources
      .filter((file) => !isAssembly(file.path))
      .flatMap((file) => computedImportsOf(file).map((line) => `${file.path}:${line}`));
    expect(computed).toEqual([]);
  });

  it('lets bin import src, and nothing import bin or test', () => {
    const foreign = sources.flatMap((file) =>
      importsOf(file)
        .map(({ specifier }) => posix.join(posix.dirname(file.path), specifier))
        .filter((target) => target.startsWith('bin/') || target.startsWith('test/')),
    );
    expect(foreign).toEqual([]);
  });
});

describe('the test of imports itself', () => {
  const faults = (path: string, text: string): string[] => faultsOf(lex(path, text));

  it.each([
    ['up', 'src/core/a.ts', "import { x } from '../engine/b.ts';"],
    ['up, type only', 'src/core/a.ts', "import type { X } from '../pipeline.ts';"],
    ['sideways', 'src/engine/a.ts', "import { x } from '../sources/b.ts';"],
    ['sideways below', 'src/kernel/a.ts', "import { x } from '../ruleset/b.ts';"],
    ['dynamic', 'src/reports/a.ts', "const b = await import('../cli/b.ts');"],
    ['re-export', 'src/suppress/a.ts', "export { x } from '../engine/b.ts';"],
    ['over lines', 'src/suppress/a.ts', "import {\n  x,\n  y,\n} from '../engine/b.ts';"],
    ['for effect', 'src/git/a.ts', "import '../net/b.ts';"],
    ['worker', 'src/pipeline.ts', "new Worker(new URL('./cli/w.ts', import.meta.url));"],
    ['re2 outside of its seam', 'src/engine/a.ts', "import RE2 from 're2';"],
    ['I/O in core', 'src/core/a.ts', "import { readFileSync } from 'node:fs';"],
    ['vm anywhere', 'src/ruleset/a.ts', "import vm from 'node:vm';"],
    ['assembly', 'src/kernel/assembly/a.ts', "import { x } from '../../core/b';"],
    ['test', 'src/engine/a.ts', "import { x } from '../../test/b.ts';"],
  ])('sees a wrong one: %s', (_name, path, text) => {
    expect(faults(path, text)).toHaveLength(1);
  });

  it.each([
    ['down', 'src/engine/a.ts', "import { x } from '../kernel/b.ts';\nimport type { Y } from '../core/c.ts';"],
    ['own folder', 'src/engine/a.ts', "import { x } from './b.ts';"],
    ['in a comment', 'src/core/a.ts', "// import { x } from '../engine/b.ts';\n/* from '../cli/b.ts' */"],
    ['the layout', 'src/kernel/assembly/a.ts', "import { x } from '../../core/kernel-layout';\nimport { y } from './b';"],
    ['the seam', 'src/ruleset/a.ts', "const { default: RE2 } = await import('re2');"],
  ])('lets a right one pass: %s', (_name, path, text) => {
    expect(faults(path, text)).toEqual([]);
  });
});
