/** Archives that are recognised but not read, since no kept library reads them from JavaScript: said, so that nobody takes them for scanned. */
import { Fault, type Format, hasBytes } from './format.ts';

function sealed(id: string, mark: readonly number[]): Format {
  return {
    id,
    kind: 'archive',
    recognises: (head) => hasBytes(head, 0, mark),
    *items(): Iterable<Fault> {
      yield new Fault('archive-method', `${id} archives are not read`);
    },
  };
}

export const sevenZip: Format = sealed('7z', [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]);

/** Versions 1.5 to 4 and 5 differ after these bytes. */
export const rar: Format = sealed('rar', [0x52, 0x61, 0x72, 0x21, 0x1a, 0x07]);
