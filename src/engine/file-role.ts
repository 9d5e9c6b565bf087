/** What a file is for, by its path alone. Used by the generic rules, which believe code, tests, documents and data differently. */

export type FileRole =
  /** Configuration and anything unknown: unquoted text is a literal. */
  | 'config'
  /** Program text: unquoted text is code. */
  | 'code'
  | 'test-code'
  | 'document'
  /** Texts for people in one language: what has no digit is a word of it. */
  | 'labels'
  /** Tables of data (CSV): only what stands in a column named for it counts, and values with a form of their own. */
  | 'rows'
  /** Lock files, minified and generated files: only values with a form of their own count. */
  | 'generated';

const CODE =
  /\.(?:[cm]?[jt]sx?|py[wi]?|rb|go|java|kts?|scala|groovy|gradle|cs|vb|fs|c|cc|cpp|cxx|h|hh|hpp|m|mm|swift|php\d?|phtml|pl|pm|rs|dart|lua|r|jl|ex|exs|erl|hs|clj|cljs|ml|mli|vue|svelte|coffee|elm|nim|zig|sol|cr|pas|d|ps1|psm1)$/i;
const DOCUMENT =
  /\.(?:md|markdown|mdx|rst|adoc|asciidoc|html?|textile|org|tex|pod)$|(?:^|\/)(?:readme|changelog|changes|history|license|contributing|authors|news|notice|install|todo)[^/]*$|(?:^|\/)(?:docs?|documentation|manual)\/(?:[^/]+\/)*[^/]*\.txt$/i;
const TEST =
  /(?:^|\/)(?:tests?|specs?|__tests__|testdata|fixtures?|mocks?|__mocks__|examples?|samples?|e2e|cypress)\/|(?:_test|_spec|\.test|\.spec|test)\.[a-z]+$|(?:^|\/)test_[^/]*$/i;
const GENERATED =
  /(?:^|\/)(?:package-lock\.json|\.cargo-checksum\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lock|composer\.lock|gemfile\.lock|cargo\.lock|poetry\.lock|pipfile\.lock|uv\.lock|pdm\.lock|go\.sum|mix\.lock|pubspec\.lock|podfile\.lock|package\.resolved|packages\.lock\.json|paket\.lock|deno\.lock|flake\.lock|gradle\.lockfile|verification-metadata\.xml|module\.bazel\.lock|chart\.lock|\.terraform\.lock\.hcl)$|\.min\.(?:js|css)$|(?:^|\/)(?:chunk|bundle|vendor)[.-][^/]*\.[cm]?js$|[.-][0-9a-f]{16,32}\.(?:[cm]?js|css)$|\.(?:map|svg|lock|sum|po|pot|xlf|arb|snap|tsbuildinfo)$|_pb2?\.(?:py|go)$|\.pb\.go$|(?:^|\/)(?:i18n|locales?|lang|translations?)\//i;
/** Languages that programs are translated to (ISO 639-1). Not `my`, which is MySQL's more often than Burmese. */
const LANGUAGES: ReadonlySet<string> = new Set(
  (
    'af am ar az be bg bn br bs ca cs cy da de el en eo es et eu fa fi fr fy ga gl gu he hi hr hu hy id is it ja ka kk km kn ko ku ky lb lo lt lv mk ml ' +
    'mn mr ms nb ne nl nn no pa pl pt ro ru si sk sl sq sr sv sw ta te th tl tr uk ur uz vi zh'
  ).split(' '),
);
/** `de.json`; `pt_BR/`, `messages_zh-Hans.ts`; `texts_fr.properties`; Android's folders. */
const OF_LANGUAGE = [
  /(?:^|\/)([a-z]{2})\.(?:[cm]?[jt]s|json|ya?ml|php|ini|inc|properties|toml|xml|resx|strings|lng)$/g,
  /(?:^|[/._-])([a-z]{2})[-_](?:[A-Z]{2}|[A-Z][a-z]{3})(?![^/._-])/g,
  /[._-]([a-z]{2})\.(?:properties|resx|strings|resjson)$/g,
  /(?:^|\/)values-([a-z]{2})(?:-r[A-Z]{2})?\//g,
];
const ROWS = /\.(?:csv|tsv)$/i;
const LABELS = /\.lproj\/|(?:^|\/)(?:locali[sz]ations?|l10n|languages)\//;

export const FILE_ROLES: readonly FileRole[] = ['config', 'code', 'test-code', 'document', 'labels', 'rows', 'generated'];

/** Longer paths are judged by their end. */
const MAX_PATH_CHARACTERS = 300;

/** Returns the role of the file at `path`. */
export function roleOf(path: string): FileRole {
  const end = path.slice(-MAX_PATH_CHARACTERS).replaceAll('\\', '/');
  if (GENERATED.test(end)) return 'generated';
  if (ROWS.test(end)) return 'rows';
  if (LABELS.test(end) || OF_LANGUAGE.some((pattern) => namesLanguage(end, pattern))) return 'labels';
  if (CODE.test(end)) return TEST.test(end) ? 'test-code' : 'code';
  return DOCUMENT.test(end) ? 'document' : 'config';
}

function namesLanguage(path: string, pattern: RegExp): boolean {
  for (const [, language = ''] of path.matchAll(pattern)) if (LANGUAGES.has(language)) return true;
  return false;
}
