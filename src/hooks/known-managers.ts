/** Names of those who run hooks (managers.ts), for the command line, which must not load the rest to know them. */
export const MANAGERS = ['native', 'husky', 'pre-commit', 'lefthook'] as const;
export type ManagerId = (typeof MANAGERS)[number];

/** Coding assistants with hooks of their own (assistants.ts). */
export const ASSISTANTS = ['claude', 'codex', 'cursor', 'copilot'] as const;
export type AssistantId = (typeof ASSISTANTS)[number];
