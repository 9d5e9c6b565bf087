/** Random texts that are the same in every run. */

export type Seeded = { text(alphabet: string, length: number): string };

/** Returns a source of texts; a linear congruential generator (Numerical Recipes), good enough to look like no word. */
export function createSeeded(seed: number): Seeded {
  let state = seed >>> 0;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return { text: (alphabet, length) => Array.from({ length }, () => alphabet[Math.floor(next() * alphabet.length)] ?? '').join('') };
}
