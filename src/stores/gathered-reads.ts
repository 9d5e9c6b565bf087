/**
 * Joins single reads that are asked for at the same time into batches. In: ids, one a call; out: each call's answer. Called by connectors whose store reads many values
 * in one request, while a reader asks for one secret at a time.
 */

type Waiting<Answer> = { readonly id: string; readonly resolve: (answer: Answer) => void; readonly reject: (error: unknown) => void };

/** Returns a function that answers for one id; `readMany` is called with up to `size` ids of one turn, and gives an answer for each, in order. */
export function gatherReads<Answer>(
  size: number,
  readMany: (ids: readonly string[]) => Promise<readonly Answer[]>,
): (id: string) => Promise<Answer> {
  let waiting: Waiting<Answer>[] = [];
  const flush = async (): Promise<void> => {
    const batch = waiting;
    waiting = [];
    for (let from = 0; from < batch.length; from += size) await answer(batch.slice(from, from + size));
  };
  const answer = async (batch: readonly Waiting<Answer>[]): Promise<void> => {
    try {
      const answers = await readMany(batch.map(({ id }) => id));
      for (const [index, { resolve, reject }] of batch.entries()) {
        const given = answers[index];
        if (given === undefined) reject(new RangeError('a batch gave fewer answers than were asked for'));
        else resolve(given);
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  };
  return (id) =>
    new Promise<Answer>((resolve, reject) => {
      if (waiting.length === 0) setImmediate(() => void flush());
      waiting.push({ id, resolve, reject });
    });
}
