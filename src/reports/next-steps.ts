/**
 * What the owner of a leaked credential should do, in order: end it where it was issued, take it out of the code, or say that it is none.
 * The first step depends on the kind of credential and on what is known about it. Used by the text and sarif reports.
 */
import type { Finding, Report, RuleHelp, Verdict } from '../core/contracts.ts';

/** Where no page of the issuer is known. Keys are categories of rules. */
const WITHOUT_GUIDE: Readonly<Record<string, string>> = {
  'private-key': 'make a new key pair, and remove the old public key or certificate wherever it is trusted',
  'connection-string': 'change the password of that user on the server',
  'db': 'change the password of that user in the database',
  'network': 'change it on the device or server that it opens',
  'crypto': 'move what it holds to a new key; a published key cannot be made safe again',
};

const WHY = {
  live: 'it works today',
  superseded: 'a newer version is in use, but nobody has proven this one dead',
  unknown: 'whoever can read the code has it',
} as const satisfies Record<Exclude<Verdict['state'], 'retired'>, string>;

/** Returns one sentence for each step, without numbers; at least two. `place`: a line that `leakwarden fix` may rewrite, `src/pay.js:12`. */
export function nextSteps(help: RuleHelp | undefined, state: Verdict['state'], place: string | null = null): string[] {
  const how =
    place === null
      ? 'take it out of the code and read it from a secrets store'
      : `read it from a secrets store instead: leakwarden fix ${place}`;
  return [
    firstStep(help, state),
    `${how}; git history keeps the old value`,
    'not a secret? say so in a comment on that line: leakwarden:allow -- and the reason',
  ];
}

function firstStep(help: RuleHelp | undefined, state: Verdict['state']): string {
  if (state === 'retired') return 'it is proven dead: nothing to rotate';
  const action = help?.guide ? `rotate it at ${help.guide}` : (WITHOUT_GUIDE[help?.category ?? ''] ?? 'change it where it was issued');
  return `${WHY[state]}: ${action}`;
}

/** What needs no quotes in a shell. */
const PLAIN = /^[\w./:@%+=-]{1,200}$/;

/**
 * Returns the command that plans how a live finding is replaced; null for one that nobody says is live, or that no rotation could find again. Repositories are named by what
 * git clones: an audit of a GitHub was given its pages, and found things in texts there, too. What must be quoted for a shell is left out.
 */
export function rotateCommand(
  { id, verdict, places }: Finding,
  { inputs, repositories }: Pick<Report, 'inputs' | 'repositories'>,
): string | null {
  if (verdict.state !== 'live' || !/^[0-9a-f]{32}$/.test(id)) return null;
  const given = inputs.filter((input) => input !== '.' && !input.startsWith('-') && PLAIN.test(input));
  const isPage = (input: string): boolean =>
    input.includes('://') && repositories !== undefined && !repositories.some(({ name }) => name === input);
  const holding = (repositories ?? []).filter(({ name }) =>
    places.some(({ path, commit }) => commit !== undefined && path.startsWith(`${name}/`)),
  );
  const origins = given.some(isPage) ? holding.flatMap(({ origin }) => (origin !== null && PLAIN.test(origin) ? [origin] : [])) : [];
  const elsewhere = [...given.filter((input) => !isPage(input)), ...origins];
  if (given.length > 0 && elsewhere.length === 0) return null;
  return `leakwarden rotate ${id}${elsewhere.map((input) => ` --in ${input}`).join('')}`;
}
