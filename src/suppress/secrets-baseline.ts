/**
 * `.secrets.baseline` of detect-secrets: `{"results": {file: [{type, hashed_secret, line_number?, …}]}}`, `hashed_secret` being the SHA-1
 * of the value in hexadecimal. An entry counts for the same file and value, wherever it stands; types are theirs and are not compared.
 */
import { createHash } from 'node:crypto';
import type { Suppressor } from '../core/contracts.ts';
import { ToolError } from '../core/errors.ts';
import { reveal, type Secret } from '../core/secret.ts';
import { type Origin, pathFromRoot, type SuppressSettings } from './settings.ts';

export type HashedSecret = { readonly path: string; readonly sha1: string; readonly type: string; readonly from: Origin };

/** `value` is the parsed JSON of `name`. Throws ToolError `baseline-invalid`. An entry that was audited as a real secret (`is_secret`) counts too. */
export function readSecretsBaseline(value: Readonly<Record<string, unknown>>, name: string): HashedSecret[] {
  const { results } = value;
  if (typeof results !== 'object' || results === null) throw new ToolError('baseline-invalid', { path: name, reason: 'it has no results' });
  return Object.entries(results).flatMap(([file, entries]) => {
    if (!Array.isArray(entries)) throw new ToolError('baseline-invalid', { path: name, reason: `the results of ${file} are no list` });
    return entries.map((entry: unknown) => {
      const { hashed_secret: sha1, type } = (typeof entry === 'object' && entry !== null ? entry : {}) as Readonly<Record<string, unknown>>;
      if (typeof sha1 !== 'string' || !/^[0-9a-f]{40}$/.test(sha1)) {
        throw new ToolError('baseline-invalid', { path: name, reason: `an entry of ${file} has no hashed_secret` });
      }
      const path = file.replaceAll('\\', '/').replace(/^(?:\.\/)+/, '');
      return { path, sha1, type: typeof type === 'string' ? type : 'secret', from: name };
    });
  });
}

/** Returns null when there is no such baseline. */
export function createSecretsBaselineSuppressor(settings: SuppressSettings): Suppressor | null {
  const key = (path: string, sha1: string): string => `${sha1}:${path}`;
  const known = new Map(settings.hashedSecrets.map((entry) => [key(entry.path, entry.sha1), entry]));
  const paths = new Set(settings.hashedSecrets.map((entry) => entry.path));
  if (known.size === 0) return null;
  return {
    id: 'secrets-baseline',
    why(match) {
      const path = pathFromRoot(match.place.path, settings);
      if (!paths.has(path)) return null;
      const entry = known.get(key(path, sha1Of(match.secret)));
      return entry === undefined ? null : `${entry.type} is known (${entry.from})`;
    },
  };
}

function sha1Of(secret: Secret): string {
  return createHash('sha1').update(reveal(secret, 'compare')).digest('hex');
}
