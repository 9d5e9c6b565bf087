/** CRC-64 of ECMA-182, reflected, as xz has it: in halves of 32 bits, since BigInt is ten times slower. */
const POLYNOMIAL_HIGH = 0xc96c5795;
const POLYNOMIAL_LOW = 0xd7870f42;

export class Crc64 {
  readonly #high = new Uint32Array(256);
  readonly #low = new Uint32Array(256);
  #sumHigh = 0xffffffff;
  #sumLow = 0xffffffff;

  constructor() {
    for (let byte = 0; byte < 256; byte++) {
      let high = 0;
      let low = byte;
      for (let bit = 0; bit < 8; bit++) {
        const isOdd = (low & 1) === 1;
        low = (low >>> 1) | (high << 31);
        high >>>= 1;
        if (!isOdd) continue;
        high ^= POLYNOMIAL_HIGH;
        low ^= POLYNOMIAL_LOW;
      }
      this.#high[byte] = high;
      this.#low[byte] = low;
    }
  }

  update(bytes: Uint8Array): void {
    let high = this.#sumHigh;
    let low = this.#sumLow;
    for (let i = 0; i < bytes.length; i++) {
      const index = (low ^ (bytes[i] ?? 0)) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ (this.#low[index] ?? 0);
      high = (high >>> 8) ^ (this.#high[index] ?? 0);
    }
    this.#sumHigh = high;
    this.#sumLow = low;
  }

  /** Returns the sum as it is stored, lowest byte first. */
  digest(): Buffer {
    return Buffer.from(Uint32Array.of(~this.#sumLow, ~this.#sumHigh).buffer);
  }
}
