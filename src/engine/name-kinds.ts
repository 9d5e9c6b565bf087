/** What a name can say that its value is (name-words.ts). */
export const NAME_KINDS = ['password', 'secret', 'key', 'token', 'auth', 'credential'] as const;

export type NameKind = (typeof NAME_KINDS)[number];
