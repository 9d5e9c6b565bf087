/**
 * A signal that is aborted after a time, or with another one. In place of `AbortSignal.any([signal, AbortSignal.timeout(ms)])`, whose timer Node 20 may collect as
 * garbage before its time, since nothing but the joint signal knows of it: then what hangs, hangs.
 */

export type Deadline = {
  readonly signal: AbortSignal;
  /** The time is up; false where the other signal came first. */
  readonly isOver: () => boolean;
  /** Gives the timer back; to be called when what is waited for has come. */
  readonly end: () => void;
};

/** `ms`: milliseconds from now. */
export function startDeadline(signal: AbortSignal, ms: number): Deadline {
  const controller = new AbortController();
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = !signal.aborted;
    controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
  }, ms);
  const follow = (): void => controller.abort(signal.reason);
  signal.addEventListener('abort', follow, { once: true });
  if (signal.aborted) follow();
  return {
    signal: controller.signal,
    isOver: () => isOver,
    end: () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', follow);
    },
  };
}
