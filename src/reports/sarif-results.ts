/**
 * Findings as SARIF results: one for each file that holds the secret, since code scanning shows a result at its first location only
 * and marks a change request only in the files that it touches. The results of one finding share `properties.finding`.
 */
import { createHash } from 'node:crypto';
import type { CodeFlow, Fix, Location, Region, Result, Suppression } from 'sarif';
import type { Finding, FindingHistory, Place, RenderOptions, Replacement, RuleHelp, Suppressed } from '../core/contracts.ts';
import { printable } from '../core/errors.ts';
import { counted, decodedWords } from './amounts.ts';
import { detailFields } from './fields.ts';
import { maskPath, maskText, pageOf } from './mask.ts';
import { nextSteps } from './next-steps.ts';
import { sarifLevel, sentence } from './sarif-rules.ts';
import { shortId, timelineOf } from './timeline.ts';
import { verdictWords } from './verdict-words.ts';

/** GitHub takes at most 1,000 locations a result and shows 100. */
const MOST_LOCATIONS = 100;

/** Paths are relative to this; its own place is not told, it is a folder of the machine. */
export const SOURCE_ROOT = '%SRCROOT%';

/** Yields the results of a finding, in the order in which its files first occur. */
export function* sarifResults(
  finding: Finding,
  ruleIndex: number,
  help: RuleHelp | undefined,
  suppressed: Suppressed | null,
  replacementsOf: RenderOptions['replacementsOf'] = () => [],
): Iterable<Result> {
  const files = new Map<string, Place[]>();
  const events = timelineOf(finding)
    .map(({ label, text }) => `${label}: ${printable(text)}`)
    .join('; ');
  for (const place of finding.places) {
    const places = files.get(place.path);
    if (places === undefined) files.set(place.path, [place]);
    else places.push(place);
  }
  for (const [path, places] of files) {
    const related = Object.entries(finding.parts).map(([name, part], index) =>
      relatedLocation(name, index, part.rule, part.place, finding),
    );
    const replacements = suppressed === null ? replacementsOf(finding, path) : [];
    yield {
      ruleId: printable(finding.rule),
      ruleIndex,
      level: finding.verdict.state === 'live' ? 'error' : sarifLevel(finding.severity),
      message: { text: messageOf(finding, help, places[0]?.decoded, files.size) },
      locations: places.slice(0, MOST_LOCATIONS).map((place) => locationOf(place, finding)),
      occurrenceCount: places.length,
      ...(related.length === 0 ? {} : { relatedLocations: related }),
      partialFingerprints: { 'leakwarden/v1': fingerprintOf(finding, path) },
      ...(finding.history === undefined ? {} : { codeFlows: [codeFlowOf(finding, places, events)] }),
      ...(replacements.length === 0 ? {} : { fixes: [fixOf(replacements, maskPath(path, finding))] }),
      ...(suppressed === null ? {} : { suppressions: [suppressionOf(suppressed)] }),
      properties: {
        finding: finding.id,
        confidence: finding.confidence,
        verdict: finding.verdict,
        ...(places[0]?.decoded ? { decoded: places[0].decoded } : {}),
        ...(Object.keys(finding.details).length === 0 ? {} : { details: detailFields(finding) }),
        ...(finding.history === undefined ? {} : { history: factsOf(finding.history) }),
      },
    };
  }
}

/** `decoded`: how the secret is encoded at the first location. */
function messageOf(finding: Finding, help: RuleHelp | undefined, decoded: Place['decoded'], files: number): string {
  const opening = finding.preview === '' ? '' : `'${printable(finding.preview)}…', `;
  const what = `${printable(finding.name)} (${opening}${counted(finding.secret.length, 'character')}, ${finding.confidence} confidence${decoded ? `, ${decodedWords(decoded)}` : ''}).`;
  const others = files > 1 ? ` The same value is in ${counted(files - 1, 'other file')}.` : '';
  const known = verdictWords(finding.verdict);
  const [step = ''] = nextSteps(help, finding.verdict.state);
  // A period after an address would become part of the link.
  const end = /https?:\S+$/.test(step) ? `${step} .` : sentence(step);
  return `${what}${others}${known === null ? '' : ` ${sentence(printable(known))}`} Next: ${printable(end)}`;
}

/** The same for a secret that moves within a file; says nothing about its value that the finding's id does not say. */
function fingerprintOf(finding: Finding, path: string): string {
  return createHash('sha256').update(`${finding.id}\0${path}`).digest('hex').slice(0, 32);
}

function locationOf(place: Place, finding: Finding): Location {
  const url = pageOf(place, finding);
  return {
    physicalLocation: { artifactLocation: artifactOf(maskPath(place.path, finding)), region: regionOf(place) },
    ...(url === undefined ? {} : { properties: { url } }),
  };
}

/** Editors offer it; the value itself has to be put into a store, which `leakwarden fix --apply` does. */
function fixOf(replacements: readonly Replacement[], path: string): Fix {
  return {
    description: { text: 'Read it from the environment.' },
    artifactChanges: [
      {
        artifactLocation: artifactOf(path),
        replacements: replacements.map(({ line, column, endLine, endColumn, text }) => ({
          deletedRegion: { startLine: line, startColumn: column, endLine, endColumn },
          ...(text === '' ? {} : { insertedContent: { text } }),
        })),
      },
    ],
  };
}

/** What machines may sort by; the lists are in the json report. */
function factsOf({ firstCommit, firstSeen, inHead, removedIn, removedAt }: FindingHistory): Partial<FindingHistory> {
  return { firstCommit, firstSeen, inHead, ...(removedIn && removedAt ? { removedIn, removedAt } : {}) };
}

/** The way of the secret through the file's history: each place with its commit, then what became of it. */
function codeFlowOf(finding: Finding, places: readonly Place[], events: string): CodeFlow {
  const shown = places.slice(0, MOST_LOCATIONS);
  const locations = shown.map((place, index) => {
    const commit = place.commit === undefined ? 'no commit' : `commit ${shortId(place.commit)}`;
    const text = sentence(index === shown.length - 1 ? `In ${commit}; ${events}` : `In ${commit}`);
    return { location: { ...locationOf(place, finding), message: { text } } };
  });
  return { threadFlows: [{ locations }] };
}

function relatedLocation(name: string, id: number, rule: string, place: Place, finding: Finding): Location {
  return { id: id + 1, ...locationOf(place, finding), message: { text: sentence(`Its ${name} (${rule})`) } };
}

/** Columns only: offsets in characters cannot be told without the file. */
function regionOf(place: Place): Region {
  return { startLine: place.line, startColumn: place.column, endLine: place.endLine, endColumn: place.endColumn };
}

/** Returns an address relative to the source root; for a path that leads out of it, one that stands for itself. */
function artifactOf(path: string): { uri: string; uriBaseId?: string } {
  const segments = path.split('/').map(percentEncoded);
  const isAbsolute = path.startsWith('/');
  const hasDrive = /^[A-Za-z]:\//.test(path);
  if (hasDrive) return { uri: `file:///${path.slice(0, 2)}/${segments.slice(1).join('/')}` };
  if (isAbsolute) return { uri: `file://${segments.join('/')}` };
  const uri = segments.join('/');
  return segments.includes('..') ? { uri } : { uri, uriBaseId: SOURCE_ROOT };
}

/** Encodes all but the unreserved characters of RFC 3986; half of a surrogate pair cannot be encoded and becomes U+FFFD. */
function percentEncoded(segment: string): string {
  const wellFormed = segment.replace(/\p{Surrogate}/gu, '\ufffd');
  return encodeURIComponent(wellFormed).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function suppressionOf(suppressed: Suppressed): Suppression {
  return {
    kind: suppressed.by === 'allow-comment' ? 'inSource' : 'external',
    status: 'accepted',
    justification: sentence(`${suppressed.by}: ${maskText(suppressed.reason, suppressed.finding)}`),
  };
}
