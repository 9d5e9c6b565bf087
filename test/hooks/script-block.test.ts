import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addBlock, hasBlock, isShellScript, removeBlock } from '../../src/hooks/script-block.ts';
import { STAGES } from '../../src/hooks/stages.ts';

const program = { file: "/opt/it's here/leakwarden.cjs" };
const script = fc
  .array(fc.constantFrom('exit 0', 'exec other "$@"', '', '# comment', 'echo done'))
  .map((lines) => `#!/bin/sh\n${lines.join('\n')}\n`);

describe('lines in a hook', () => {
  it('stand before all else, once, and leave no trace', () => {
    fc.assert(
      fc.property(script, fc.constantFrom(...STAGES), (text, stage) => {
        const once = addBlock(text, stage, program);
        expect(addBlock(once, stage, program)).toBe(once);
        expect(once.indexOf('leakwarden_guard')).toBeLessThan(once.includes('exit 0\n') ? once.lastIndexOf('exit 0\n') : once.length);
        expect(hasBlock(once)).toBe(true);
        const left = removeBlock(once);
        expect(left ?? '#!/bin/sh').toBe(left === null ? '#!/bin/sh' : text);
        if (left === null) expect(text.trim()).toBe('#!/bin/sh');
      }),
    );
  });

  it('replace older lines of ours', () => {
    const old = addBlock('#!/bin/sh\necho mine\n', 'pre-commit', { file: '/old' });
    const renewed = addBlock(old, 'pre-commit', { file: '/new' });
    expect(renewed).not.toContain('/old');
    expect(renewed).toContain('/new');
    expect(removeBlock(renewed)).toBe('#!/bin/sh\necho mine\n');
  });

  it.each([
    ['#!/bin/sh\n', true],
    ['#!/usr/bin/env bash\n', true],
    ['echo without a first line\n', true],
    ['#!/usr/bin/env python3\n', false],
    ['#!/usr/bin/perl\n', false],
  ])('go only into what a shell runs: %j', (text, isShell) => {
    expect(isShellScript(text)).toBe(isShell);
  });
});
