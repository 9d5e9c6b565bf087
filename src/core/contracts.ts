/**
 * The types that flow from a source to a report, and the interfaces at which the stages meet.
 *
 * Plain, readonly, structured-cloneable data throughout, `Secret` apart. Offsets are bytes, half-open [start, end);
 * lines and columns count from 1, columns in UTF-16 units (what SARIF and editors use).
 */
import type { ErrorCode } from './errors.ts';
import type { Confidence, RuleId, Severity } from './rule.ts';
import type { Secret } from './secret.ts';

/** Bytes in the blob, half-open [start, end). */
export type ByteSpan = { readonly start: number; readonly end: number };

/** First and last line of added text, both included, from 1. */
export type LineRange = { readonly first: number; readonly last: number };

/** What a credential tells of its owner, read offline: label to text (`AWS account` to its number). Never what opens anything. */
export type Details = Readonly<Record<string, string>>;

/** Where a blob was seen. */
export type Provenance =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'staged'; readonly path: string }
  | { readonly kind: 'stdin'; readonly path: string }
  /** A version of a file in history, a note, or the message of a commit or tag (docs/audit.md); `commit` brought it there. */
  | { readonly kind: 'commit' | 'note' | 'commit-message' | 'tag-message'; readonly path: string; readonly commit: string }
  /** A blob of the object store that belongs to no commit that is known. */
  | { readonly kind: 'unreachable'; readonly path: string };

/**
 * What a source gives to the engine. A `file` is read by the engine itself, straight into the kernel's memory and through
 * windows when it is large; `bytes` are there already. `added` limits reported matches to those that touch an added line.
 */
export type BlobRef =
  | { readonly kind: 'file'; readonly provenance: Provenance; readonly file: string }
  | {
      readonly kind: 'bytes';
      readonly provenance: Provenance;
      readonly bytes: Uint8Array;
      readonly added?: readonly LineRange[];
    };

/** How text may be written so that a secret in it is not seen as such. */
export const ENCODINGS = ['base64', 'hex', 'percent', 'backslash', 'html', 'quoted-printable', 'ansi', 'gzip', 'zlib', 'utf-16'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** One place in one blob. `path` is as the user would write it: relative to the working directory, `/` as separator. */
export type Place = {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  /** Of the secret itself, in the bytes of the blob as stored. */
  readonly span: ByteSpan;
  /** How the secret is encoded there, the outermost first; absent where it stands in clear. Then the place is that of the encoded text. */
  readonly decoded?: readonly Encoding[];
  /** The commit that brought it there, in an audit of history. */
  readonly commit?: string;
  /** Where people can look at it, of what lies on a server that has pages for it. */
  readonly url?: string;
};

/** Another part of the same credential (an AWS key id beside its secret key). */
export type Part = { readonly rule: RuleId; readonly secret: Secret; readonly place: Place };

/** One rule at one byte span: what the engine gives to suppression. */
export type Match = {
  readonly rule: RuleId;
  readonly provenance: Provenance;
  readonly place: Place;
  readonly secret: Secret;
  readonly parts: Readonly<Record<string, Part>>;
  readonly confidence: Confidence;
  /** Shannon entropy of the secret, bits per character. */
  readonly entropy: number;
  /** `valid`: an offline check of the credential's own form passed. `none`: there is none. */
  readonly checksum: 'valid' | 'invalid' | 'none';
  readonly details: Details;
  /** Why the value says of itself that it is not real (facts/placeholders.md), or null. */
  readonly placeholder: string | null;
  /** Why it may be none: it looks like a sample. Reported with confidence low where that is asked for (docs/decisions/0008-confidence-tiers.md). */
  readonly doubt: string | null;
  /** The lines of the match and the one before it (at most 4 KiB), for allow comments. Never printed. */
  readonly excerpt: Secret;
  /** Index into the lines of `excerpt` of the first line of the match: 0 or 1. */
  readonly excerptLine: number;
};

/** When a credential could be used by whoever saw it. null: not known, or not over. */
export type Exposure = { readonly from: string | null; readonly until: string | null };

/** What every answer of a store or an issuer says: who, when, about what, and from when to when the credential was open to whoever had it. */
type Answer = {
  readonly by: string;
  readonly at: string;
  readonly where: string;
  readonly version?: string;
  readonly exposure?: Exposure;
  /** Other places of stores that hold the same value. */
  readonly also?: readonly string[];
  /** Whose it is and what it may do, as its issuer says. */
  readonly identity?: string;
  readonly scopes?: readonly string[];
  /** A store has it as current, and this issuer refuses it all the same. */
  readonly refusedBy?: string;
};

export type Verdict =
  /** `since`: when this version was made; `expiresAt`: when it ends by itself. */
  | (Answer & { readonly state: 'live'; readonly since?: string; readonly expiresAt?: string })
  /** `since`: when a newer version came, or the store switched this one off; null where the store does not say. */
  | (Answer & { readonly state: 'superseded'; readonly since: string | null })
  | (Answer & { readonly state: 'retired'; readonly since?: string })
  | {
      readonly state: 'unknown';
      readonly why:
        | 'not-asked'
        | 'no-checker'
        | 'not-in-store'
        | 'denied'
        | 'unreachable'
        | 'timed-out'
        | 'rate-limited'
        | 'odd-reply'
        /** There is no index of the stores, it is too old, or it cannot be read. */
        | 'no-index'
        | 'index-expired'
        | 'index-unreadable'
        /** It could be guessed, and only a few such values are looked up in a run. */
        | 'not-looked-up'
        /** The place that the report names holds something else now. */
        | 'changed';
      readonly by?: string;
      /** What would help, as a clause: `email-address is needed beside the value`. */
      readonly detail?: string;
    };

/** Digest of rule and secret, without path or line, so that it survives moves. 32 hexadecimal characters. */
export type FindingId = string;

/**
 * What git's history tells of a finding. Lists are in order and cut to a few dozen entries; `totals` says how many there are. Dates are
 * ISO 8601 in UTC, ids of commits whole.
 */
export type FindingHistory = {
  /** The oldest commit that brought it in, its author's date and name; null where no commit holds it. */
  readonly firstCommit: string | null;
  readonly firstSeen: string | null;
  readonly author: string | null;
  /** Only where it was asked for. */
  readonly authorEmail?: string;
  readonly paths: readonly string[];
  /** Branches (`main`, `origin/main`), tags and other refs whose history holds that first commit. */
  readonly branches: readonly string[];
  readonly tags: readonly string[];
  readonly refs: readonly string[];
  /** Branches whose newest commit still holds the value. */
  readonly today: readonly string[];
  /** The commit that is checked out holds the value. */
  readonly inHead: boolean;
  /** The last commit that took it out, if no branch holds it any more. */
  readonly removedIn?: string;
  readonly removedAt?: string;
  readonly totals: {
    readonly places: number;
    readonly paths: number;
    readonly branches: number;
    readonly tags: number;
    readonly refs: number;
    readonly today: number;
  };
};

/** Same rule and same secret, at one or many places. */
export type Finding = {
  readonly id: FindingId;
  readonly rule: RuleId;
  readonly provider: string;
  readonly name: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly entropy: number;
  readonly checksum: 'valid' | 'invalid' | 'none';
  readonly details: Details;
  readonly secret: Secret;
  /** What may be shown of it: the opening that the rule fixes (never characters of the value), or ''. */
  readonly preview: string;
  readonly parts: Readonly<Record<string, Part>>;
  readonly places: readonly Place[];
  readonly verdict: Verdict;
  /** In an audit of history. */
  readonly history?: FindingHistory;
};

/** A finding, or some places of one, that is not reported, and why. */
export type Suppressed = {
  readonly finding: Finding;
  /** Id of the suppressor: `allow-comment`, `path`, `placeholder`, `fingerprint`, `baseline`, `confidence` … */
  readonly by: string;
  /** The words of the comment, the glob, the reason in the baseline … */
  readonly reason: string;
};

/** Not fatal: one input or one check failed. It is counted, and makes the scan incomplete. */
export type Problem = {
  readonly code: ErrorCode;
  /** The path, URL or setting that it is about. */
  readonly where: string;
  readonly data: Readonly<Record<string, string | number>>;
};

export type Stats = {
  readonly files: number;
  readonly bytes: number;
  /** Files that hold binary data and were therefore not scanned. */
  readonly binaryFiles: number;
  readonly candidates: number;
  readonly rules: number;
  readonly threads: number;
  readonly seconds: number;
  readonly regexEngine: string;
  /** In an audit: commits whose changes were looked at, and bytes that the kernel saw (less than `bytes` where deltas are scanned). */
  readonly commits?: number;
  readonly scannedBytes?: number;
};

/** A repository whose history was audited. */
export type AuditedRepository = {
  /** As the user named it. */
  readonly name: string;
  /** Where it was cloned from, without credentials; null where it is not known. */
  readonly origin: string | null;
  /** The commit and branch that are checked out; null in an empty repository or where HEAD names no branch. */
  readonly head: string | null;
  readonly branch: string | null;
  /** Paths of submodules in its history: repositories of their own, which were not scanned. */
  readonly submodules: readonly string[];
};

/** How a live finding would be replaced, where that was asked for: the plan (docs/rotation.md), which holds no secret, or why there is none. Nothing was changed. */
export type PlannedRotation = { readonly finding: FindingId } & (
  | { readonly id: string; readonly plan: Readonly<Record<string, unknown>> }
  | { readonly refused: string }
);

export type Report = {
  readonly tool: { readonly name: 'leakwarden'; readonly version: string };
  readonly started: string;
  readonly inputs: readonly string[];
  readonly findings: readonly Finding[];
  readonly suppressed: readonly Suppressed[];
  readonly problems: readonly Problem[];
  readonly stats: Stats;
  /** In an audit of history. */
  readonly repositories?: readonly AuditedRepository[];
  /** With `--rotate=plan`. */
  readonly rotations?: readonly PlannedRotation[];
};

export type FileBlob = BlobRef & { readonly kind: 'file' };

/** Told of a file as soon as it is met, so that it can be scanned while others are still looked for. */
export type OnSeen = (blob: FileBlob) => void;

/** What a source gives at a time. Many blobs come together: waiting for each of 30,000 takes longer than listing them. */
export type Given = BlobRef | Problem | readonly BlobRef[];

/**
 * Gives blobs, in a stable order; a failed input becomes a problem and does not stop the rest. A source that lists for long tells of files before (`onSeen`); that
 * they are inputs is certain only when they are given.
 */
export interface Source {
  readonly kind: string;
  blobs(signal: AbortSignal, onSeen?: OnSeen): AsyncIterable<Given>;
}

/** Says why a match is not reported, or null. Pure; called once for each match. */
export interface Suppressor {
  readonly id: string;
  why(match: Match): string | null;
}

/** What of a match or a finding is looked up. */
export type FoundSecret = Pick<Match, 'secret' | 'parts'>;

/** Says what is known of found secrets beyond the match itself, without asking anybody: src/check has the one that knows the index of the stores. */
export interface Checker {
  /** Looks these up, in this order of importance: what is slow is done for the first few only. Called before the others, as often as needed. */
  prepare(found: readonly FoundSecret[]): Promise<void>;
  /** Whether a store holds the secret, or held it. */
  isStored(found: FoundSecret): boolean;
  /** `leakedAt`: when it was first seen outside of its store, where that is known: the exposure begins then. */
  verdictOf(found: FoundSecret, leakedAt?: string | null): Verdict;
}

/** Findings that are missing were not asked about. */
export type IssuerVerdicts = { readonly verdicts: ReadonlyMap<FindingId, Verdict>; readonly problems: readonly Problem[] };

/** Asks those who made the credentials, over the network, because the user said so: src/check has the one that does. */
export interface IssuerAsker {
  ask(findings: readonly Finding[], signal: AbortSignal): Promise<IssuerVerdicts>;
}

/** What a report may say of a rule beside the finding. */
export type RuleHelp = {
  readonly id: RuleId;
  readonly name: string;
  readonly provider: string;
  readonly category: string;
  readonly description: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly references: readonly string[];
  /** Where the owner rotates or revokes such a credential, if known. */
  readonly guide: string | null;
};

/** Puts another text in a place of a file, counted as in Place. */
export type Replacement = Pick<Place, 'line' | 'column' | 'endLine' | 'endColumn'> & { readonly text: string };

export type RenderOptions = {
  /** Help of every rule that has a finding (or suppressed finding) in the report. */
  readonly rules: ReadonlyMap<RuleId, RuleHelp>;
  /** Colours may be used: the output is a terminal and the user did not switch them off. */
  readonly colour: boolean;
  /** The secrets' values may be written (the user asked for them, into a file of mode 0600). */
  readonly reveal: boolean;
  /** What would take a finding out of one file; nothing where that is not known. */
  readonly replacementsOf?: (finding: Finding, path: string) => readonly Replacement[];
  /** Whether `leakwarden fix` knows how a file of that name reads a value from elsewhere. */
  readonly isFixable?: (path: string) => boolean;
};

/** Report to text. Pure: the CLI writes what comes out. */
export interface Reporter {
  readonly format: string;
  render(report: Report, options: RenderOptions): Iterable<string>;
}
