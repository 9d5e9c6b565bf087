/** Tokens that are a JSON object in base64 behind a prefix: which members must be there, and which of them tell something. */
import { decodeObject, isObject } from './base64.ts';
import { type Details, dateOf, details, type Structure } from './structure.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The object in base64 that the pattern's first group holds. */
function jsonToken(id: string, pattern: RegExp, required: readonly string[], tell: (fields: Fields) => Details): Structure {
  return {
    id,
    mismatch: 'lower',
    read: (value) => {
      const fields = decodeObject(pattern.exec(value)?.[1] ?? '');
      return fields && required.every((name) => fields[name] !== undefined) ? tell(fields) : null;
    },
  };
}

/** Grafana Cloud access policies: organisation, name, key, metadata. */
export const grafanaCloud = jsonToken('grafana-cloud', /^glc_(.+)$/, ['o', 'n', 'k'], (fields) =>
  details([
    ['organisation', fields['o']],
    ['token name', fields['n']],
    ['region', isObject(fields['m']) ? fields['m']['r'] : undefined],
  ]),
);

/** Grafana's API keys before service accounts. */
export const grafanaLegacy = jsonToken('grafana-legacy', /^(.+)$/, ['k', 'n'], (fields) =>
  details([
    ['key name', fields['n']],
    ['organisation', fields['id']],
  ]),
);

/** Sentry's organisation tokens (getsentry/rfcs 0091): when made, for which host and organisation. */
export const sentryOrganisation = jsonToken('sentry-org', /^sntrys_([A-Za-z0-9+/=]+)_/, ['iat'], (fields) =>
  details([
    ['organisation', fields['org']],
    ['host', fields['url']],
    ['region', fields['region_url']],
    ['issued', dateOf(fields['iat'])],
  ]),
);

/** 1Password service accounts: the token holds the account's keys too. */
export const onePassword = jsonToken('onepassword-service-account', /^ops_(.+)$/, ['signInAddress', 'userAuth', 'email'], (fields) =>
  details([
    ['host', fields['signInAddress']],
    ['service account', fields['email']],
  ]),
);

/** Mapbox: user and token id. */
export const mapbox = jsonToken('mapbox', /^[spt]k\.([A-Za-z0-9_-]+)\./, ['u'], (fields) =>
  details([
    ['user', fields['u']],
    ['token id', fields['a']],
  ]),
);

/** Tinybird: workspace, token id, host. */
export const tinybird = jsonToken('tinybird', /^p\.([A-Za-z0-9_-]+)\./, ['u', 'id'], (fields) =>
  details([
    ['workspace', fields['u']],
    ['token id', fields['id']],
    ['host', fields['host']],
  ]),
);
