/**
 * Rewrites a value in a configuration file or a document. Formats have no way of their own to read the environment; the programs that read them do, each in its
 * notation: that of the file's usual reader is written, and where it is not known the note says what to look for.
 */
import type { ByteSpan } from '../core/contracts.ts';
import { lineEnd, lineStart } from './lexical.ts';
import type { Edit, Refusal, Rewrite } from './rewrite.ts';

const FORMATS = [
  'env',
  'dockerfile',
  'terraform',
  'terraform-variables',
  'github-workflow',
  'compose',
  'kubernetes',
  'yaml',
  'json',
  'toml',
  'properties',
  'maven',
  'xml',
  'document',
] as const;
export type ConfigFormat = (typeof FORMATS)[number];

const BY_NAME: readonly (readonly [RegExp, ConfigFormat])[] = [
  [/(?:^|\/)\.env(?:\.[\w.-]+)?$|\.env$/i, 'env'],
  [/(?:^|\/)(?:Dockerfile|Containerfile)(?:\.[\w.-]+)?$|\.dockerfile$/i, 'dockerfile'],
  [/\.tfvars$/i, 'terraform-variables'],
  [/\.(?:tf|hcl)$/i, 'terraform'],
  [/(?:^|\/)\.github\/workflows\/[^/]+\.ya?ml$/i, 'github-workflow'],
  [/(?:^|\/)(?:docker-)?compose[\w.-]*\.ya?ml$/i, 'compose'],
  [/\.ya?ml$/i, 'yaml'],
  [/\.(?:json|json5|jsonc)$/i, 'json'],
  [/\.toml$/i, 'toml'],
  [/\.(?:properties|ini|cfg|conf|cnf|config)$/i, 'properties'],
  [/(?:^|\/)(?:pom|settings)\.xml$/i, 'maven'],
  [/\.xml$/i, 'xml'],
  [/\.(?:md|markdown|mdx|rst|adoc|txt)$/i, 'document'],
];

/** Returns the format of a file by its name (and, for manifests of Kubernetes, by its keys), or null. */
export function configFormatOf(path: string, text: string): ConfigFormat | null {
  const format = BY_NAME.find(([pattern]) => pattern.test(path))?.[1] ?? null;
  return format === 'yaml' && /^apiVersion:/m.test(text) && /^kind:/m.test(text) ? 'kubernetes' : format;
}

const READER_FILLS = `whoever reads this file has to fill \${…} in: Spring, Docker Compose, envsubst and many others do; if yours does not, read the value in code instead`;

export function rewriteInConfig(format: ConfigFormat, text: string, span: ByteSpan, variable: string): Rewrite | Refusal {
  const value = text.slice(span.start, span.end);
  if (value.includes('\n') && format !== 'document')
    return { refused: 'it goes over several lines: mount it as a file, or read it in code' };
  return WAYS[format](text, span, variable);
}

type Way = (text: string, span: ByteSpan, variable: string) => Rewrite | Refusal;

const WAYS: Readonly<Record<ConfigFormat, Way>> = {
  'env': (_, span, variable) => ({
    edits: [{ ...span, text: '' }],
    notes: [`a file that git keeps names variables only: set ${variable} where the program runs, or in a file that git ignores`],
  }),
  'dockerfile': inDockerfile,
  'terraform': inTerraform,
  'terraform-variables': (text, span, variable) => ({
    edits: [commentOut(text, span, `set in the environment: TF_VAR_${nameOfLine(text, span) ?? variable.toLowerCase()}`)],
    notes: ['Terraform takes variables from TF_VAR_… too; its state holds values in clear: keep it in an encrypted backend'],
  }),
  'github-workflow': (text, span, variable) => ({
    edits: [{ ...span, text: `\${{ secrets.${variable} }}` }],
    notes: [
      `store it for the repository: gh secret set ${variable}`,
      ...(isInBlock(text, span) ? ['in a script, hand it over as env: instead, so that it stands in no command line'] : []),
    ],
  }),
  'compose': (text, span, variable) => ({ edits: [yamlEdit(text, span, `\${${variable}:?}`)], notes: [] }),
  'kubernetes': inManifest,
  'yaml': (text, span, variable) => ({ edits: [yamlEdit(text, span, `\${${variable}}`)], notes: [READER_FILLS] }),
  'json': quoted,
  'toml': quoted,
  'properties': (_, span, variable) => ({ edits: [{ ...span, text: `\${${variable}}` }], notes: [READER_FILLS] }),
  'maven': (_, span, variable) => ({ edits: [{ ...span, text: `\${env.${variable}}` }], notes: [] }),
  'xml': (_, span, variable) => ({ edits: [{ ...span, text: `\${${variable}}` }], notes: [READER_FILLS] }),
  'document': (_, span, variable) => ({ edits: [{ ...span, text: `<${variable}>` }], notes: [] }),
};

function quoted(text: string, span: ByteSpan, variable: string): Rewrite {
  const isInString = /"[^"\n]*$|'[^'\n]*$/.test(text.slice(Math.max(lineStart(text, span.start), span.start - 2000), span.start));
  const read = `\${${variable}}`;
  return { edits: [{ ...span, text: isInString ? read : `"${read}"` }], notes: [READER_FILLS] };
}

/** A plain scalar that begins with `$` is text; in braces or brackets of YAML it needs quotes. */
function yamlEdit(text: string, span: ByteSpan, read: string): Edit {
  const before = text.slice(Math.max(lineStart(text, span.start), span.start - 2000), span.start);
  const after = text.slice(span.end, Math.min(lineEnd(text, span.end), span.end + 2000));
  const isPlainAndWhole = /(?:[:{[,-]\s+|^\s*)$/.test(before) && /^\s*(?:$|[,}\]#])/.test(after);
  return { ...span, text: isPlainAndWhole && /[{[]/.test(before) ? `"${read}"` : read };
}

/** The line goes, since a value of ENV and ARG stays in the image's layers whatever it is made from. */
function inDockerfile(text: string, span: ByteSpan, variable: string): Rewrite | Refusal {
  const line = text.slice(lineStart(text, span.start), lineEnd(text, span.start));
  const isOnly =
    /^\s*(?:ENV|ARG)\s+\w+(?:=|\s+)\S+\s*$/i.test(line) && (line.match(/=/g)?.length ?? 0) <= 1 && !line.trimEnd().endsWith('\\');
  if (isOnly)
    return {
      edits: [commentOut(text, span, `${nameOfLine(text, span) ?? variable} is set where the container runs (--env-file)`)],
      notes: ['while the image is built, read it from a mount: RUN --mount=type=secret,id=… ; the layers keep everything else'],
    };
  return { refused: 'an image keeps what its build is given: use RUN --mount=type=secret, or set the variable where the container runs' };
}

function inTerraform(text: string, span: ByteSpan, variable: string): Rewrite {
  const name = variable.toLowerCase();
  const isWhole = text[span.start - 1] === '"' && text[span.end] === '"';
  const edits: Edit[] = [
    isWhole ? { start: span.start - 1, end: span.end + 1, text: `var.${name}` } : { ...span, text: `\${var.${name}}` },
  ];
  const isDeclared = text.includes(`variable "${name}"`);
  if (!isDeclared) {
    const gap = text.endsWith('\n') ? '\n' : '\n\n';
    edits.push({ start: text.length, end: text.length, text: `${gap}variable "${name}" {\n  type      = string\n  sensitive = true\n}\n` });
  }
  return {
    edits,
    notes: [`Terraform reads it from the environment as TF_VAR_${name}; its state holds the value in clear: keep that encrypted`],
  };
}

/** `value: x` of a container's variable becomes a reference to a Secret. */
function inManifest(text: string, span: ByteSpan, variable: string): Rewrite | Refusal {
  const start = lineStart(text, span.start);
  const end = lineEnd(text, span.end);
  const document = text.slice(Math.max(0, text.lastIndexOf('\n---', span.start)), span.end);
  if (/^kind:\s*["']?Secret\b/m.test(document))
    return {
      refused:
        'a manifest of a Secret does not belong into git: make it from a store (External Secrets), or seal it (Sealed Secrets, SOPS)',
    };
  const [, indent] = /^(\s*)value:\s*["']?$/.exec(text.slice(start, span.start)) ?? [];
  const isWhole = /^["']?\s*$/.test(text.slice(span.end, end));
  if (indent === undefined || !isWhole) return { edits: [yamlEdit(text, span, `\${${variable}}`)], notes: [READER_FILLS] };
  const name = variable.toLowerCase().replaceAll('_', '-');
  const lines = ['valueFrom:', '  secretKeyRef:', `    name: ${name}`, '    key: value'].map((line) => indent + line);
  return {
    edits: [{ start, end, text: lines.join('\n') }],
    notes: [`it is read from the Secret ${name}, key value: kubectl create secret generic ${name} --from-file=value=/dev/stdin`],
  };
}

function commentOut(text: string, span: ByteSpan, words: string): Edit {
  const [start, end] = [lineStart(text, span.start), lineEnd(text, span.end)];
  const isCrlf = text[end - 1] === '\r';
  return { start, end: isCrlf ? end - 1 : end, text: `# ${words}` };
}

/** Returns the name before `=` or a blank on the value's line. */
function nameOfLine(text: string, span: ByteSpan): string | null {
  const line = text.slice(lineStart(text, span.start), span.start);
  return /^\s*(?:(?:ENV|ARG)\s+)?(\w{1,100})(?:\s*=|\s)/i.exec(line)?.[1] ?? null;
}

/** Below `run: |`, where the text is a program's. */
function isInBlock(text: string, span: ByteSpan): boolean {
  return (
    !/:\s*["']?[^:]*$/.test(text.slice(lineStart(text, span.start), span.start)) ||
    /^\s*-?\s*run:/.test(text.slice(lineStart(text, span.start), span.start))
  );
}
