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

export type AuditProgress = {
  readonly show: (done: { readonly objects: number; readonly totalObjects: number; readonly bytes: number }) => void;
  readonly stop: () => void;
};

/** The same for an audit of history, with the time that is left at the speed so far. `what` is audited, where that is not plain. */
export function createAuditProgress(write: (text: string) => void, clockMs: () => number, what = ''): AuditProgress {
  const begun = clockMs();
  let last = Number.NEGATIVE_INFINITY;
  return {
    show({ objects, totalObjects, bytes }) {
      const now = clockMs();
      if (now - begun < FIRST_AFTER_MS || now - last < AGAIN_AFTER_MS) return;
      last = now;
      const megabytes = bytes / 1e6;
      const seconds = (now - begun) / 1000;
      const left = objects === 0 ? '' : ` · ${timeWords((seconds / objects) * (totalObjects - objects))} left`;
      write(
        `${WIPE}auditing${what}: ${objects} of ${totalObjects} objects · ${megabytes.toFixed(0)} MB · ${(megabytes / seconds).toFixed(0)} MB/s${left}`,
      );
    },
    stop() {
      if (last !== Number.NEGATIVE_INFINITY) write(WIPE);
      last = Number.NEGATIVE_INFINITY;
    },
  };
}

function timeWords(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}

export const NO_AUDIT_PROGRESS: AuditProgress = { show: () => undefined, stop: () => undefined };

/** For no terminal, --quiet and --no-progress. */
export const NO_PROGRESS: Progress = { show: () => undefined, stop: () => undefined };
