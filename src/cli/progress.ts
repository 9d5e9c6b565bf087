/**
 * The line on stderr that says how far a scan is: on a terminal only, after a second of work, wiped at the end so that it leaves nothing behind.
 * Called by the commands that scan, fed by the pipeline.
 */

export type Progress = {
  /** Draws, at most ten times a second. */
  readonly show: (done: { readonly files: number; readonly bytes: number; readonly totalFiles: number }) => void;
  /** Wipes the line. */
  readonly stop: () => void;
};

const FIRST_AFTER_MS = 1000;
const AGAIN_AFTER_MS = 100;

const WIPE = '\r\u001b[K';

/** `write` goes to the terminal; `clockMs` only ever rises. */
export function createProgress(write: (text: string) => void, clockMs: () => number): Progress {
  const begun = clockMs();
  let last = Number.NEGATIVE_INFINITY;
  return {
    show({ files, bytes, totalFiles }) {
      const now = clockMs();
      if (now - begun < FIRST_AFTER_MS || now - last < AGAIN_AFTER_MS) return;
      last = now;
      const megabytes = bytes / 1e6;
      const perSecond = megabytes / ((now - begun) / 1000);
      const of = totalFiles > files ? ` of ${totalFiles}` : '';
      write(`${WIPE}scanning: ${files}${of} files · ${megabytes.toFixed(0)} MB · ${perSecond.toFixed(0)} MB/s`);
    },
    stop() {
      if (last !== Number.NEGATIVE_INFINITY) write(WIPE);
      last = Number.NEGATIVE_INFINITY;
    },
  };
}

/** For no terminal, --quiet and --no-progress. */
export const NO_PROGRESS: Progress = { show: () => undefined, stop: () => undefined };
