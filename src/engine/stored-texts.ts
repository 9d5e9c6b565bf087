/**
 * Which texts in the places of passwords are values that a store holds. In: texts, and who knows the stores. Out: those that are. Places are looked up afterwards, for
 * these few: locating each text when it is met costs more than all the rest. Called by scan-blobs.ts and by history/stored-values.ts.
 */
import type { Checker, FoundSecret } from '../core/contracts.ts';
import { Secret } from '../core/secret.ts';
import { STORED_SECRET } from '../core/stored-rule.ts';

/** `foundByRules`: secrets that go first, since what is slow is done for a few only. What comes out hangs on no order of the texts. */
export async function storedAmong(
  texts: Iterable<string>,
  checker: Checker,
  foundByRules: Iterable<string> = [],
): Promise<ReadonlySet<string>> {
  await checker.prepare([...new Set(foundByRules)].map(asFound));
  const found = [...new Set(texts)].sort().map((text) => ({ text, secret: asFound(text) }));
  await checker.prepare(found.map(({ secret }) => secret));
  return new Set(found.filter(({ secret }) => checker.isStored(secret)).map(({ text }) => text));
}

function asFound(text: string): FoundSecret {
  return { secret: new Secret(text, STORED_SECRET.id), parts: {} };
}
