/**
 * AWS's shared files (~/.aws/config and ~/.aws/credentials) as profiles. In: the files' text; out: one table of keys a profile.
 * Format: docs.aws.amazon.com/sdkref/latest/guide/file-format.html. Nested (indented) settings are passed over: none of them concerns credentials.
 */
import { StoreError } from '../core/stores.ts';
import type { StoreContext } from './store-kind.ts';

export type AwsProfile = Readonly<Record<string, string>>;

/** Returns all profiles by name; keys of the credentials file win. A file that is not there holds none, unless a variable names it. */
export async function readProfiles({ env, readFile }: StoreContext): Promise<ReadonlyMap<string, AwsProfile>> {
  const home = env['HOME'] ?? env['USERPROFILE'];
  const read = async (variable: string, name: string): Promise<string> => {
    const named = env[variable];
    if (named) return readFile(named);
    // Most machines have no such file; one that cannot be read gives no credentials either, and that is said when none are found.
    return home === undefined ? '' : readFile(`${home}/.aws/${name}`).catch(() => '');
  };
  const config = parseIni(await read('AWS_CONFIG_FILE', 'config'));
  const credentials = parseIni(await read('AWS_SHARED_CREDENTIALS_FILE', 'credentials'));
  const profiles = new Map<string, AwsProfile>();
  for (const [section, keys] of config) {
    const name = section === 'default' ? section : /^profile\s+"?([^"]*)"?$/.exec(section)?.[1];
    if (name !== undefined) profiles.set(name, keys);
  }
  for (const [name, keys] of credentials) profiles.set(name, { ...profiles.get(name), ...keys });
  return profiles;
}

/** Returns the sections of an INI text; of a section or key given twice the later one counts. */
export function parseIni(text: string): Map<string, Record<string, string>> {
  const sections = new Map<string, Record<string, string>>();
  let section: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const header = /^\[([^\]]{1,500})\]/.exec(line);
    if (header) {
      const name = (header[1] ?? '').trim();
      section = { ...sections.get(name) };
      sections.set(name, section);
      continue;
    }
    const equals = line.indexOf('=');
    if (equals < 1 || /^[\s#;]/.test(line)) continue;
    // A comment may follow a value after white space.
    section[line.slice(0, equals).trim().toLowerCase()] = (line.slice(equals + 1).split(/\s[#;]/)[0] ?? '').trim();
  }
  return sections;
}

/** Throws StoreError misconfigured for what profiles can ask for and this program does not do, with the way round it. */
export function refuseUnsupported(name: string, profile: AwsProfile): void {
  const asked = Object.keys(profile).find((key) => key.startsWith('sso_') || key === 'credential_process' || key === 'mfa_serial');
  if (asked === undefined) return;
  const way = `export them with: aws configure export-credentials --profile ${name} --format env`;
  const what = asked.startsWith('sso_') ? 'SSO' : asked;
  throw new StoreError('misconfigured', `AWS profile ${name} takes its credentials from ${what}, which is not supported; ${way}`);
}
