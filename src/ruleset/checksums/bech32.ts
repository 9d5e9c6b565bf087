/** Bech32 (BIP-173): a human part, "1", then digits of five bits whose last six are a BCH code over both. age, Nostr, Cardano. */
import type { Checksum } from './checksum.ts';

const DIGITS = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATORS = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3] as const;
const SUM_DIGITS = 6;

function polymod(values: readonly number[]): number {
  let sum = 1;
  for (const value of values) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ value;
    GENERATORS.forEach((generator, bit) => {
      if ((top >>> bit) & 1) sum ^= generator;
    });
  }
  return sum >>> 0;
}

function expand(human: string): number[] {
  const codes = [...human].map((character) => character.charCodeAt(0));
  return [...codes.map((code) => code >>> 5), 0, ...codes.map((code) => code & 31)];
}

export const bech32: Checksum = {
  id: 'bech32',
  mismatch: 'reject',
  verify(secret) {
    const text = secret.toLowerCase();
    if (secret !== text && secret !== secret.toUpperCase()) return false;
    const split = text.lastIndexOf('1');
    const digits = [...text.slice(split + 1)].map((character) => DIGITS.indexOf(character));
    if (split < 1 || digits.length < SUM_DIGITS || digits.includes(-1)) return false;
    return polymod([...expand(text.slice(0, split)), ...digits]) === 1;
  },
  /** `prefix` is the human part with its "1"; `bodyLength` counts the digits without the sum. An upper-case prefix gives upper case. */
  make(prefix, bodyLength, random) {
    const body = random(DIGITS, bodyLength);
    // Bits beyond the last whole byte are zero in well-formed data.
    const spare = (bodyLength * 5) % 8;
    const last = DIGITS.indexOf(body.charAt(bodyLength - 1));
    const digits = [...body].map((character) => DIGITS.indexOf(character));
    if (spare < 5) digits[bodyLength - 1] = (last >>> spare) << spare;
    const human = prefix.slice(0, -1).toLowerCase();
    const sum = polymod([...expand(human), ...digits, 0, 0, 0, 0, 0, 0]) ^ 1;
    for (let at = SUM_DIGITS - 1; at >= 0; at--) digits.push((sum >>> (5 * at)) & 31);
    const text = `${human}1${digits.map((digit) => DIGITS.charAt(digit)).join('')}`;
    return prefix === prefix.toUpperCase() ? text.toUpperCase() : text;
  },
};
