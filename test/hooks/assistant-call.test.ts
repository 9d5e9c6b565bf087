import { describe, expect, it } from 'vitest';
import { answerTo, readCall } from '../../src/hooks/assistant-call.ts';

const texts = (call: unknown) => readCall(JSON.stringify(call))?.texts;

describe('calls of assistants', () => {
  it.each([
    [
      { hook_event_name: 'PreToolUse', session_id: 's', tool_name: 'Bash', tool_input: { command: 'ls' } },
      'claude',
      [{ path: 'tool_input.command', text: 'ls' }],
    ],
    [{ hook_event_name: 'UserPromptSubmit', cwd: '/w', prompt: 'hi' }, 'claude', [{ path: 'prompt', text: 'hi' }]],
    [{ hook_event_name: 'beforeSubmitPrompt', conversation_id: 'c', prompt: 'hi' }, 'cursor', [{ path: 'prompt', text: 'hi' }]],
    [
      { hook_event_name: 'beforeReadFile', file_path: '/a', content: 'x' },
      'cursor',
      [
        { path: 'file_path', text: '/a' },
        { path: 'content', text: 'x' },
      ],
    ],
    [{ timestamp: 1, toolName: 'bash', toolArgs: '{"command":"a\\nb"}' }, 'copilot', [{ path: 'toolArgs.command', text: 'a\nb' }]],
  ])('are read: %#', (call, dialect, found) => {
    expect(readCall(JSON.stringify(call))?.dialect).toBe(dialect);
    expect(texts(call)).toEqual(found);
  });

  it.each(['', 'x', '[]', '{}', '{"prompt":"hi"}', 'null'])('are told from what is none: %j', (text) => {
    expect(readCall(text)).toBeNull();
  });

  it('name the file that will be read, from where the assistant is', () => {
    expect(readCall('{"hook_event_name":"PreToolUse","cwd":"/w","tool_name":"Read","tool_input":{"file_path":"a/b"}}')?.file).toBe(
      '/w/a/b',
    );
    expect(readCall('{"hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{"file_path":"/a"}}')?.file).toBeNull();
  });

  it('are read without end or crash when they are deep or long', () => {
    const deep = `{"hook_event_name":"PreToolUse","tool_input":${'['.repeat(5000)}"x"${']'.repeat(5000)}}`;
    expect(readCall(deep)?.texts).toEqual([]);
    expect(texts({ hook_event_name: 'PreToolUse', tool_input: Array.from({ length: 20_000 }, () => 'x') })).toHaveLength(10_000);
  });
});

describe('answers', () => {
  const parsed = (dialect: 'claude' | 'cursor' | 'copilot', event: string) => JSON.parse(answerTo({ dialect, event }, 'why').stdout);

  it('refuse in the dialect of the assistant', () => {
    expect(parsed('claude', 'PreToolUse').hookSpecificOutput).toMatchObject({
      permissionDecision: 'deny',
      permissionDecisionReason: 'why',
    });
    expect(parsed('claude', 'UserPromptSubmit')).toEqual({ decision: 'block', reason: 'why' });
    expect(parsed('cursor', 'beforeSubmitPrompt')).toEqual({ continue: false, user_message: 'why' });
    expect(parsed('cursor', 'beforeShellExecution')).toMatchObject({ permission: 'deny' });
    expect(parsed('copilot', 'preToolUse')).toEqual({ permissionDecision: 'deny', permissionDecisionReason: 'why' });
  });

  it('say nothing that could be taken for more than consent', () => {
    expect(answerTo({ dialect: 'claude', event: 'PreToolUse' }, null)).toEqual({ stdout: '', exitCode: 0 });
    expect(JSON.parse(answerTo({ dialect: 'cursor', event: 'beforeSubmitPrompt' }, null).stdout)).toEqual({ continue: true });
  });
});
