/** Which run of the log a command means: the one whose plan's id begins so, or the only one that is not over. Called by rotate status, resume, abort. */
import { ToolError } from '../core/errors.ts';
import type { RunProgress } from '../rotate/progress.ts';
import { SHORT_ID } from './rotation-folder.ts';

type Runs = ReadonlyMap<string, RunProgress>;

/** Returns all where none is named. Throws ToolError `rotation-unknown`. */
export function chosenRuns(runs: Runs, named: string | undefined): Runs {
  if (named === undefined) return runs;
  const fitting = new Map([...runs].filter(([id]) => id.startsWith(named)));
  if (fitting.size > 0) return fitting;
  throw new ToolError('rotation-unknown', { reason: `no rotation ${named} was begun` });
}

/** Returns the id of the run that is meant. Throws ToolError `rotation-unknown`. */
export function openRunId(runs: Runs, named: string | undefined): string {
  const open = [...chosenRuns(runs, named)].filter(([, { isOpen }]) => named !== undefined || isOpen).map(([id]) => id);
  const [only, ...others] = open;
  if (only !== undefined && others.length === 0) return only;
  const ids = open.map((id) => id.slice(0, SHORT_ID)).join(', ');
  throw new ToolError('rotation-unknown', {
    reason: only === undefined ? 'no rotation waits' : `several rotations wait, name one: ${ids}`,
  });
}
