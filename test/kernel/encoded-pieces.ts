/** Pieces of random text with everything in it that the kernel lists as encoded, and what only looks like it: for its twin, and for what is carried to deltas. */

export type Random = (limit: number) => number;

const hex = (text: string): string => Buffer.from(text, 'latin1').toString('hex');
export const words = (random: Random, count: number): string =>
  Array.from({ length: count }, () => ['name', 'Value', '=', ' ', 'x1', '"', 'Q7', '\n', 'secret', ':'][random(10)]).join('');

/** What may stand in a text: encoded text of every kind, whole and broken, and what only looks like it. */
export const PIECES: readonly ((random: Random) => string)[] = [
  (random) => Buffer.from(words(random, 3 + random(30))).toString('base64'),
  (random) => Buffer.from(words(random, 3 + random(30))).toString('base64url'),
  (random) => Buffer.from(words(random, 5 + random(9)), 'utf16le').toString('base64'),
  (random) =>
    Buffer.from(words(random, 40))
      .toString('base64')
      .replace(/.{64}/g, `$&${['\n', '\r\n', '\n   ', '\\n', '\\r\\n', '\n\n'][random(6)]}`),
  (random) => Buffer.from(Array.from({ length: 12 + random(200) }, () => random(256))).toString('base64'),
  (random) =>
    Buffer.from(Array.from({ length: 200 }, () => random(256)))
      .toString('base64')
      .replace(/.{64}/g, '$&\n'),
  () => ['H4sI', 'eJw', 'eNor', '1f8b08'][0] + 'A'.repeat(20),
  (random) => hex(words(random, 3 + random(12))),
  (random) => `1f8b08${'0'.repeat(random(30))}`,
  (random) => [...words(random, 2 + random(9))].map((c) => `0x${hex(c)}`).join([', ', ',', ',\n\t'][random(3)]),
  (random) => [...words(random, 1 + random(4))].map((c) => `%${hex(c).toUpperCase()}`).join(''),
  (random) => [...words(random, 1 + random(4))].map((c) => `%${hex(c)}`).join(''),
  (random) => [...words(random, 1 + random(3))].map((c) => `\\u00${hex(c)}`).join(''),
  (random) => [...words(random, 1 + random(3))].map((c) => `\\x${hex(c)}`).join(''),
  (random) => [...words(random, 1 + random(2))].map((c) => `&#${['', 'x'][random(2)]}${c.charCodeAt(0)};`).join(''),
  (random) => [...words(random, 8)].map((c) => (random(3) ? c : `=${hex(c).toUpperCase()}`)).join(''),
  (random) => `${'word '.repeat(14).slice(0, 66 + random(12))}=${['\n', '\r\n'][random(2)]}next`,
  (random) => `{\\"name\\":${['', ' '][random(2)]}\\"value\\"} {&quot;name&quot;:&quot;value&quot;}`,
  () => 'wJbrXUtnF3MI\\/K7MDENG\\/bPxRfiCYq9zT2LpA8sQ',
  (random) =>
    `${['\x1b', '\\x1b', '\\u001B'][random(3)]}[${['', '0', '01;31', '38;2;255;255;255', '1;2;3;4;5;6;7;8;9'][random(5)]}${'mKHm'[random(4)]}`,
  (random) => ' '.repeat(random(90)),
  (random) => 'long line '.repeat(random(200)),
  (random) => words(random, 1 + random(20)),
  (random) => String.fromCharCode(random(256)),
  (random) => ['\n', '%', '\\', '&#', '=', '0x', '\\u00', '\0', '/', '-', '_', '%3d', 'sha512-'][random(13)] ?? '',
];
