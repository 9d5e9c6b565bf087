/**
 * What a rule says of its issuer, as data: the request that asks whether a value is accepted, what the replies mean, and the request that ends it. Read from rule
 * files by src/ruleset/read-requests.ts, carried out by src/issuers. No I/O.
 *
 * Texts are templates: `<secret>` is the value, `<name>` another one that is needed: a companion, a piece of the value, or a setting of the owner's.
 */

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export type RequestTemplate = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** https. `<secret>` alone where the value is the address; then `origins` says where it may lead. */
  readonly url: string;
  readonly origins: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly basic: readonly [string, string] | null;
  readonly query: Readonly<Record<string, string>>;
  readonly body:
    | { readonly kind: 'json'; readonly json: Json }
    | { readonly kind: 'form'; readonly form: Readonly<Record<string, string>> }
    | null;
};

/** What must stand at a path of the reply's JSON (`user.login`, `0.id`): one of these, or anything but nothing. */
export type ReplyCondition = { readonly path: string; readonly is: readonly (string | number | boolean | null)[] | 'present' };

/** Replies with one of these statuses, of which all conditions hold. */
export type ReplyClass = { readonly statuses: readonly number[]; readonly when: readonly ReplyCondition[] };

/**
 * Where a piece of the value stands: the text between separators, counted from 0, from the end below it; or its last characters. `isBase64`: of the value decoded.
 * `isDigested`: the SHA-256 of it in base64url stands for it.
 */
export type ValuePiece = {
  readonly where: { readonly at: string; readonly part: number } | { readonly last: number };
  readonly isBase64: boolean;
  readonly isDigested: boolean;
};

/** Names that the value itself gives: `key-id` of `SG.<key-id>.…`. */
export type ValuePieces = Readonly<Record<string, ValuePiece>>;

export type IssuerCheck = {
  readonly request: RequestTemplate;
  readonly pieces: ValuePieces;
  readonly accepted: ReplyClass;
  /** No statuses: no reply proves that a value is dead. */
  readonly refused: ReplyClass;
  /** Where the reply says whose it is: paths, or `header:name`. */
  readonly identity: readonly string[];
  readonly scopes: string | null;
  readonly expires: string | null;
  /**
   * Whether installations of people's own issue the same form and speak the same API below their own address. `common`: a refusal by the public one alone proves
   * nothing, `rare`: it counts, but not against what a store says.
   */
  readonly installations: 'none' | 'rare' | 'common';
};

export type IssuerRevocation = {
  readonly request: RequestTemplate;
  readonly pieces: ValuePieces;
  /** Names that the reply to the check gives: `id` at `result.id`. */
  readonly fromCheck: Readonly<Record<string, string>>;
  readonly done: ReplyClass;
  /** The same request with these in its query changes nothing, and says whether it would work. */
  readonly trial: Readonly<Record<string, string>> | null;
  /** It answers before it is done. */
  readonly isAsynchronous: boolean;
  readonly notifiesOwner: boolean;
  /** What else ends with it, as sentences. */
  readonly effects: readonly string[];
};
