/** Reads a packed object that is too large for the arena as a file is read, piece by piece: windows.ts asks for rising places, going back a little between windows. */
import { WINDOW_MAX } from '../../core/kernel-layout.ts';
import type { Kernel } from '../../kernel/load.ts';
import type { ReadAt } from '../windows.ts';
import type { OpenedObject, PackInput } from './pack-input.ts';

/** As far as deflate copies from (RFC 1951). */
const HISTORY_BYTES = 32768;
const PIECE_BYTES = 1 << 20;
/** What stays of the output: a window, and what the next one goes back, is read at once. */
const HELD_BYTES = WINDOW_MAX + PIECE_BYTES + HISTORY_BYTES;

/** Bytes of the arena that a stream needs. */
export const STREAM_BYTES = HISTORY_BYTES + PIECE_BYTES;

/** Returns a reader of the object; `room` is STREAM_BYTES of the kernel's memory. What it throws, PackInput.stream throws. Reading to the end checks the object. */
export function streamObject(kernel: Kernel, input: PackInput, object: OpenedObject, room: number): ReadAt {
  const held = Buffer.alloc(HELD_BYTES);
  let [start, end] = [0, 0];
  let history = 0;
  const pieces = input.stream(object, () => [room + HISTORY_BYTES, PIECE_BYTES - 512, history]);
  const take = (): boolean => {
    const step = pieces.next();
    if (step.done) return false;
    const written = step.value;
    const piece = kernel.memory.subarray(room + HISTORY_BYTES, room + HISTORY_BYTES + written);
    if (end - start + written > held.length) {
      const dropped = end - start + written - held.length;
      held.copyWithin(0, dropped, end - start);
      start += dropped;
    }
    piece.copy(held, end - start);
    end += written;
    history = Math.min(HISTORY_BYTES, history + written);
    kernel.memory.copyWithin(room + HISTORY_BYTES - history, room + HISTORY_BYTES + written - history, room + HISTORY_BYTES + written);
    return true;
  };
  return (target, offset, length, position) => {
    while (end <= position && take());
    if (position < start) throw new Error('a stream cannot go back so far');
    const part = held.subarray(position - start, Math.min(position - start + length, end - start));
    target.set(part, offset);
    return part.length;
  };
}
