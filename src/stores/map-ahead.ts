/**
 * Asks for several things at a time and gives the answers in their order. Called by connectors whose store has no call that reads many at once; the HTTP client
 * bounds what is in flight by itself, this bounds what waits in memory.
 */

/** Yields `ask(item)` for each item, in order, with at most `width` running. The first failure is thrown once its turn comes; the others are waited for. */
export async function* mapAhead<Item, Answer>(
  items: Iterable<Item> | AsyncIterable<Item>,
  width: number,
  ask: (item: Item) => Promise<Answer>,
): AsyncIterable<Answer> {
  const running: Promise<Answer>[] = [];
  try {
    for await (const item of items) {
      const answer = ask(item);
      // It is thrown below, when its turn comes; until then it would count as unhandled.
      answer.catch(() => undefined);
      running.push(answer);
      if (running.length < width) continue;
      const first = running.shift();
      if (first) yield await first;
    }
    while (running.length > 0) {
      const first = running.shift();
      if (first) yield await first;
    }
  } finally {
    await Promise.allSettled(running);
  }
}
