/** Holds each text of the matches once: a secret that stands in a thousand versions of a file has a thousand places, but mostly the same lines round it. */
import { FILE_ROLES, type FileRole } from '../file-role.ts';
import type { FoundMatch } from '../found-match.ts';
import type { MatchesByRole } from '../scan-blob.ts';

export class SharedTexts {
  readonly #texts = new Map<string, string>();

  /** Returns the same matches with texts that are shared with all others that went through here. Roles that share a list still do. */
  share(byRole: MatchesByRole): MatchesByRole {
    const lists = new Map<readonly FoundMatch[], readonly FoundMatch[]>();
    const out: Partial<Record<FileRole, readonly FoundMatch[]>> = {};
    for (const role of FILE_ROLES) {
      const matches = byRole[role];
      if (!matches) continue;
      const list = lists.get(matches) ?? this.shareList(matches);
      lists.set(matches, list);
      out[role] = list;
    }
    return out;
  }

  shareList(matches: readonly FoundMatch[]): FoundMatch[] {
    return matches.map((match) => ({ ...match, secret: this.#one(match.secret), excerpt: this.#one(match.excerpt) }));
  }

  #one(text: string): string {
    const known = this.#texts.get(text);
    if (known === undefined) this.#texts.set(text, text);
    return known ?? text;
  }
}
