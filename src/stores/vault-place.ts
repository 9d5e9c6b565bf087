/** What the rotators of Vault's engines have in common: the place that is planned for, the right to change it, the text that is replaced. Called by the `vault-*-rotate.ts`. */
import type { FieldTexts, StoredPlace } from '../core/rotation.ts';
import { cannot, moved, reading } from './rotation-failures.ts';
import { capabilities } from './vault-rights.ts';
import type { VaultScope } from './vault-scope.ts';
import type { VaultSession } from './vault-session.ts';

/** One place of one engine, as the planners take it. */
export type VaultPlace = {
  readonly session: VaultSession;
  readonly scope: VaultScope;
  /** Below the mount. */
  readonly path: string;
  readonly place: StoredPlace;
  readonly isBegun: boolean;
  /** Other fields that are to be written with the value. */
  readonly fields: FieldTexts;
  readonly now: () => Date;
  readonly signal: AbortSignal;
};

/** Returns whether the token may do one of these on a path; null where it may not ask what it may. Throws RotationError. */
export async function mayAny({ session, scope, signal }: VaultPlace, path: string, wanted: readonly string[]): Promise<boolean | null> {
  const held = await reading(capabilities(session, scope.namespace, [path], signal));
  const [[, rights = []] = [path, []]] = held ?? [];
  return held === null ? null : rights.includes('root') || wanted.some((one) => rights.includes(one));
}

/** Returns the field's text. Throws RotationError where there is none that could be replaced. */
export function textIn(data: { readonly [field: string]: unknown }, { ref, field }: StoredPlace): string {
  const value = Object.hasOwn(data, field) ? data[field] : undefined;
  if (value === undefined || value === null) throw moved(`${ref} has no field ${JSON.stringify(field)} any more`);
  if (typeof value !== 'string') throw cannot(`the field ${JSON.stringify(field)} of ${ref} is no text, which alone can be replaced`);
  return value;
}

/** Returns those of the fields that the secret has as texts, as they are to be written. The value's own field is none of them. */
export function fieldsAmong(data: { readonly [field: string]: unknown }, fields: FieldTexts, { field }: StoredPlace): FieldTexts {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => name !== field && typeof ownOf(data, name) === 'string'));
}

/** Returns the same fields as they are now. */
export function textsAmong(
  data: { readonly [field: string]: unknown },
  fields: FieldTexts,
  { field }: StoredPlace,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.keys(fields).flatMap((name) => {
      const found = name === field ? undefined : ownOf(data, name);
      return typeof found === 'string' ? [[name, found] as const] : [];
    }),
  );
}

function ownOf(data: { readonly [field: string]: unknown }, name: string): unknown {
  return Object.hasOwn(data, name) ? data[name] : undefined;
}

/** More than this many digits do not go through JavaScript's numbers unharmed. */
const EXACT_DIGITS = 15;

/** Returns whether a value read from JSON and written again may be another: numbers beyond what JavaScript keeps. */
export function losesDigits(value: unknown): boolean {
  if (typeof value === 'number') return String(value).replace(/\D/g, '').length > EXACT_DIGITS || Math.abs(value) >= 1e15;
  return typeof value === 'object' && value !== null && Object.values(value).some(losesDigits);
}
