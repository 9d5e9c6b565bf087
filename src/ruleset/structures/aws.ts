/**
 * What AWS writes into its identifiers: an access key id holds its account's number in base32 (observed by several since 2023; no documentation of AWS says
 * so, but `aws sts get-access-key-info` agrees), a Bedrock key its name and account, an SES password a version byte.
 */
import { decodeBase32 } from '../checksums/encoding.ts';
import { decodeBase64, decodeText } from './base64.ts';
import { type Details, details, type Structure } from './structure.ts';

/** Ids made before 2019 do not hold their account: these start with I or J behind the prefix, as all that decode to less than a digit of 12 do. */
const OLD_IDS = /^A[KS]IA[IJ]/;

export const awsKeyId: Structure = {
  id: 'aws-key-id',
  mismatch: 'lower',
  read: (value) => {
    const bytes = decodeBase32(value.slice(4));
    if (!bytes || bytes.length < 6) return null;
    if (OLD_IDS.test(value)) return details([]);
    return details([['AWS account', accountOf(bytes)]]);
  },
};

/** The 40 bits below the highest of the first six bytes. */
function accountOf(bytes: Uint8Array): string {
  const number = bytes.subarray(0, 6).reduce((sum, byte) => sum * 256 + byte, 0);
  return String(Math.floor((number % 2 ** 47) / 2 ** 7)).padStart(12, '0');
}

/** `ABSK` and base64 of `BedrockAPIKey-<name>-at-<account>:<secret>`. */
export const awsBedrock: Structure = {
  id: 'aws-bedrock',
  mismatch: 'lower',
  read: (value) => {
    const [name] = (decodeText(value.replace(/^ABSK/, '')) ?? '').split(':', 1);
    const [, user, account] = /^(BedrockAPIKey-[a-z0-9]{1,20})-at-([0-9]{12})$/.exec(name ?? '') ?? [];
    return user === undefined
      ? null
      : details([
          ['AWS account', account],
          ['user', user],
        ]);
  },
};

/** base64 of 33 bytes, the first of which is the version, 4. */
export const awsSes: Structure = {
  id: 'aws-ses',
  mismatch: 'reject',
  read: (value): Details | null => {
    const bytes = decodeBase64(value);
    return bytes?.length === 33 && bytes[0] === 4 ? details([]) : null;
  },
};
