import { describe, expect, it } from 'vitest';
import { type StoredSecret, StoreError } from '../../src/core/stores.ts';
import { namedSecrets } from '../../src/stores/named-secrets.ts';
import { unreadable } from '../../src/stores/store-problem.ts';

const secret = (ref: string): StoredSecret => ({ ref, change: 'c', versions: [] });

/** What is listed of names: each begins with what becomes of it. */
async function list(...refs: string[]): Promise<string[]> {
  const ask = async (ref: string): Promise<StoredSecret | null> => {
    if (ref.startsWith('open')) return secret(ref);
    if (ref.startsWith('empty')) return null;
    if (ref.startsWith('gone')) throw new StoreError('not-found', ref);
    if (ref.startsWith('bug')) throw new RangeError(ref);
    throw new StoreError(ref.startsWith('denied') ? 'denied' : 'unreachable', ref);
  };
  const out: string[] = [];
  for await (const one of namedSecrets({ store: 's:', refs, ask, refused: (ref) => unreadable('s:', ref, 'refused') }))
    out.push('code' in one ? `${one.where}: ${one.data['reason']}` : one.ref);
  return out;
}

describe('secrets that settings name', () => {
  it('are told in their order, those that may not be read last', async () => {
    expect(await list('denied-1', 'open-1', 'gone', 'empty', 'denied-2', 'open-2')).toEqual([
      'open-1',
      'gone: it is gone',
      'open-2',
      'denied-1: refused',
      'denied-2: refused',
    ]);
    expect(await list()).toEqual([]);
  });

  it('are denied as a whole only where nothing else is answered', async () => {
    await expect(list('denied-1', 'denied-2')).rejects.toMatchObject({ why: 'denied', message: 'denied-1' });
    expect(await list('denied', 'empty')).toEqual(['denied: refused']);
    expect(await list('denied', 'gone')).toEqual(['gone: it is gone', 'denied: refused']);
  });

  it('end where the store fails, or we do', async () => {
    await expect(list('denied', 'down', 'open')).rejects.toMatchObject({ why: 'unreachable' });
    await expect(list('bug')).rejects.toThrow(RangeError);
  });
});
