/** Neighbours in the alphabet, among the digits and on a keyboard: what fingers and lazy examples produce. Used by entropy and placeholders. */

const KEYBOARD = ['1234567890', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm'] as const;
const ROW = 16;

/** Place of a key by its code: row × 16 + column + 1; 0 for what is no letter and no digit. */
const PLACES = buildPlaces();

function buildPlaces(): Uint8Array {
  const places = new Uint8Array(256);
  KEYBOARD.forEach((keys, row) => {
    for (let column = 0; column < keys.length; column++) {
      places[keys.charCodeAt(column)] = row * ROW + column + 1;
      places[keys.toUpperCase().charCodeAt(column)] = row * ROW + column + 1;
    }
  });
  return places;
}

/** Returns whether the character at `at` follows the one before it in the alphabet, among the digits or on the keyboard, either way. */
export function isStep(text: string, at: number): boolean {
  const code = text.charCodeAt(at) & 0xff;
  const before = text.charCodeAt(at - 1) & 0xff;
  if (Math.abs(code - before) === 1) return true;
  const place = PLACES[code] ?? 0;
  const placeBefore = PLACES[before] ?? 0;
  if (place === 0 || placeBefore === 0) return false;
  const distance = Math.abs(place - placeBefore);
  return distance === 1 || distance === ROW;
}

/** Returns the share of neighbours that are steps, 0 to 1. */
export function shareOfSteps(text: string): number {
  let steps = 0;
  for (let at = 1; at < text.length; at++) if (isStep(text, at)) steps++;
  return text.length < 2 ? 0 : steps / (text.length - 1);
}

/** Returns the share of characters that follow the one two places before: two sequences woven into one (`A1B2C3D4`). */
export function shareOfWovenSteps(text: string): number {
  let steps = 0;
  for (let at = 2; at < text.length; at++) if (text.charCodeAt(at) - text.charCodeAt(at - 2) === 1) steps++;
  return text.length < 3 ? 0 : steps / (text.length - 2);
}

/** Returns the greatest number of characters in a row, each the one after the other by code (`cdefgh` gives 6). */
export function longestRise(text: string): number {
  let longest = Math.min(1, text.length);
  for (let at = 1, run = 1; at < text.length; at++) {
    run = text.charCodeAt(at) - text.charCodeAt(at - 1) === 1 ? run + 1 : 1;
    if (run > longest) longest = run;
  }
  return longest;
}
