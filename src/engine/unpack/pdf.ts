/**
 * PDF: the text of each page, then all that is no page: dictionaries (links, form fields, the document's data), other streams that are text (scripts, XML),
 * and files that are embedded. Images and fonts are left out. An encrypted one is named.
 */
import { isUtf8 } from 'node:buffer';
import { type Budget, MAX_ENTRY_BYTES } from './bounds.ts';
import { type Entry, Fault, type Format, hasBytes, type Input } from './format.ts';
import { damagedStreams, decodeStream, objectsIn, type PdfObject, readObjects } from './pdf-objects.ts';
import { type CodeTable, readCodeTable, textOf } from './pdf-text.ts';

export const pdf: Format = {
  id: 'pdf',
  kind: 'archive',
  recognises: (head) => hasBytes(head, 0, MARK) && (head[5] === 0x31 || head[5] === 0x32) && head[6] === 0x2e,
  items: (input: Input, budget: Budget) => readPdf(input, budget),
};

const MARK = [0x25, 0x50, 0x44, 0x46, 0x2d];
/** Streams that are never text for people: their dictionaries say so. */
const NO_TEXT = /\/Subtype\s{0,4}\/(?:Image|Type1C|CIDFontType0C|OpenType)\b|\/Type\s{0,4}\/(?:XRef|ObjStm)\b|\/Length1\b|\/FunctionType\b/;
const ENCRYPTED = /\/Encrypt\s{0,4}(?:\d{1,10}\s{1,4}\d{1,5}\s{1,4}R|<<)/;

async function* readPdf(input: Input, budget: Budget): AsyncGenerator<Entry | Fault> {
  const bytes = await input.random();
  if (bytes.size > MAX_ENTRY_BYTES) throw new Fault('archive-limit', 'the size of a document in bytes', { limit: MAX_ENTRY_BYTES });
  const file = bytes.read(0, bytes.size);
  const text = file.toString('latin1');
  if (ENCRYPTED.test(text)) throw new Fault('archive-encrypted', 'a document with a password');
  yield* new PdfReader(file, text, budget).entries();
}

class PdfReader {
  readonly #file: Buffer;
  readonly #budget: Budget;
  /** In the file's order, those of object streams behind. */
  readonly #objects: readonly PdfObject[];
  /** Of several with one number the last counts. */
  readonly #byNumber: ReadonlyMap<number, PdfObject>;
  readonly #tables = new Map<number, CodeTable | null>();
  readonly #damaged = new Set<PdfObject>();

  constructor(file: Buffer, text: string, budget: Budget) {
    this.#file = file;
    this.#budget = budget;
    const plain = readObjects(text);
    const packed = plain.flatMap((object) => {
      const content = /\/Type\s{0,4}\/ObjStm\b/.test(object.text) ? this.#decode(object) : null;
      return content ? objectsIn(object.text, content) : [];
    });
    this.#objects = [...plain, ...packed];
    this.#byNumber = new Map(this.#objects.map((object) => [object.number, object]));
  }

  *entries(): Generator<Entry | Fault> {
    const shown = new Set<PdfObject>();
    const pages = this.#objects.filter(({ text }) => /\/Type\s{0,4}\/Page\b/.test(text));
    for (const [index, page] of pages.entries()) {
      const contents = this.#listed(page.text, 'Contents').filter((object) => object.stream && !shown.has(object));
      for (const object of contents) shown.add(object);
      yield textEntry(`page-${index + 1}`, () => contents.map((object) => this.#shownText(object, this.#fontsOf(page.text))).join('\n'));
    }
    yield textEntry('objects', () => this.#objects.map(({ text }) => text.trim()).join('\n'));
    for (const object of this.#objects) {
      if (object.stream && !shown.has(object) && !NO_TEXT.test(object.text))
        yield { name: `stream-${object.number}`, pieces: () => [this.#streamText(object)] };
    }
    if (this.#damaged.size > 0) yield damagedStreams(this.#damaged.size);
  }

  #decode(object: PdfObject): Buffer | null {
    try {
      return decodeStream(this.#file, object, this.#budget);
    } catch (error) {
      if (!(error instanceof Fault) || error.isFinal) throw error;
      this.#damaged.add(object);
      return null;
    }
  }

  #shownText(object: PdfObject, fonts: ReadonlyMap<string, CodeTable>): string {
    return textOf(this.#decode(object)?.toString('latin1') ?? '', fonts);
  }

  /** A form's text, an embedded file, a script; nothing for tables of fonts and the like. */
  #streamText(object: PdfObject): Uint8Array {
    const content = this.#decode(object);
    if (!content) return new Uint8Array();
    if (/\/Type\s{0,4}\/EmbeddedFile\b/.test(object.text)) return content;
    if (/\/Subtype\s{0,4}\/Form\b/.test(object.text)) return Buffer.from(textOf(content.toString('latin1'), this.#fontsOf(object.text)));
    const text = content.toString('latin1', 0, 4096);
    if (text.includes('begincmap') || content.includes(0) || !isUtf8(content)) return new Uint8Array();
    return /\bT[jJ]\b/.test(text) ? Buffer.from(`${textOf(content.toString('latin1'), new Map())}\n`) : content;
  }

  /** Returns what a key of a dictionary refers to: `/Key 5 0 R` or `/Key [5 0 R 6 0 R]`. */
  #listed(dictionary: string, key: 'Contents' | 'Resources' | 'Font' | 'Parent' | 'ToUnicode'): PdfObject[] {
    const found = KEYS[key].exec(dictionary);
    const references = (found?.[1] ?? '').matchAll(/(\d{1,10})\s{1,4}\d{1,5}\s{1,4}R/g);
    return [...references].flatMap(([, number]) => this.#byNumber.get(Number(number)) ?? []);
  }

  /** Returns the tables of the fonts that a page or form names, which may stand in what it refers to, or in what it belongs to. */
  #fontsOf(dictionary: string, depth = 0): Map<string, CodeTable> {
    const resources = [dictionary, ...this.#listed(dictionary, 'Resources').map(({ text }) => text)];
    const lists = resources.flatMap((text) => [
      text.slice(Math.max(0, text.search(/\/Font\s{0,4}<</))),
      ...this.#listed(text, 'Font').map((list) => list.text),
    ]);
    const fonts = new Map<string, CodeTable>();
    for (const [, name = '', number] of lists.join('\n').matchAll(/\/([^\s()<>[\]{}/%]{1,100})\s{1,4}(\d{1,10})\s{1,4}\d{1,5}\s{1,4}R/g)) {
      const table = this.#tableOf(Number(number));
      if (table) fonts.set(name, table);
    }
    if (fonts.size > 0 || depth > 20) return fonts;
    return this.#listed(dictionary, 'Parent').reduce(
      (found, parent) => (found.size > 0 ? found : this.#fontsOf(parent.text, depth + 1)),
      fonts,
    );
  }

  #tableOf(font: number): CodeTable | null {
    const known = this.#tables.get(font);
    if (known !== undefined) return known;
    const [cmap] = this.#listed(this.#byNumber.get(font)?.text ?? '', 'ToUnicode');
    const content = cmap ? this.#decode(cmap) : null;
    const table = content ? readCodeTable(content.toString('latin1')) : null;
    this.#tables.set(font, table);
    return table;
  }
}

/** A reference, or a list of them. */
const KEYS = {
  Contents: /\/Contents\s{0,4}(\[[^\]]{0,100000}\]|\d{1,10}\s{1,4}\d{1,5}\s{1,4}R)/,
  Resources: /\/Resources\s{0,4}(\d{1,10}\s{1,4}\d{1,5}\s{1,4}R)/,
  Font: /\/Font\s{0,4}(\d{1,10}\s{1,4}\d{1,5}\s{1,4}R)/,
  Parent: /\/Parent\s{0,4}(\d{1,10}\s{1,4}\d{1,5}\s{1,4}R)/,
  ToUnicode: /\/ToUnicode\s{0,4}(\d{1,10}\s{1,4}\d{1,5}\s{1,4}R)/,
} as const;

function textEntry(name: string, text: () => string): Entry {
  // Zeros would make it binary: they stand for nothing that is shown.
  return { name, pieces: () => [Buffer.from(text().replaceAll('\0', ' '))] };
}
