/**
 * JSON in one form only (RFC 8785, JCS): equal values give equal text, so that a digest or a signature of the text is one of the value. Made for plans of rotations
 * and entries of their log. Pure.
 */

export type Canonical = null | boolean | number | string | readonly Canonical[] | { readonly [name: string]: Canonical | undefined };

/** Returns the text; members that are undefined are left out. Throws TypeError for numbers and texts that JSON has no form for. */
export function canonicalJson(value: Canonical): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError('JSON has no form for such a number');
    // ECMAScript writes numbers as RFC 8785, section 3.2.2.3, wants them; -0 becomes 0.
    return JSON.stringify(value);
  }
  if (typeof value === 'string') {
    // UTF-8 has no form for half of a surrogate pair.
    if (Buffer.from(value).toString() !== value) throw new TypeError('half of a surrogate pair has no form in JSON');
    return JSON.stringify(value);
  }
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  // By UTF-16 code units (section 3.2.3), which is how texts compare here.
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${members.flatMap(([name, member]) => (member === undefined ? [] : [`${canonicalJson(name)}:${canonicalJson(member)}`])).join(',')}}`;
}

function isList(value: Canonical): value is readonly Canonical[] {
  return Array.isArray(value);
}
