/**
 * Takes the label AWSPREVIOUS off the version with the value that leaked, once readers have changed over: nobody gets it by a label any more, the index counts it as
 * replaced, and AWS deletes it in time. Called by both ways of rotation (aws-rotate-put.ts, aws-rotate-function.ts).
 */
import type { RotationAction, RotationRun } from '../core/rotation.ts';
import { type AwsPlace, holderOf } from './aws-place.ts';
import { moved } from './rotation-failures.ts';

const PREVIOUS = 'AWSPREVIOUS';

/** `ours`: the version that the run made. */
export function retireAction(secret: AwsPlace, version: string, ours: (run: RotationRun) => string): RotationAction {
  const { arn } = secret;
  return {
    id: 'aws:retire',
    reaches: 'OLD_DISABLED',
    does: `takes the label AWSPREVIOUS off version ${version} of ${arn}`,
    repeat: 'when-not-done',
    effects: [`who reads ${PREVIOUS} gets nothing; version ${version} can be read by its id until AWS deletes it`],
    happened: async ({ signal }) => {
      const own = (await secret.labels(signal)).get(version) ?? [];
      return own.includes('AWSCURRENT') || own.includes(PREVIOUS) ? 'no' : 'yes';
    },
    act: async ({ signal }) => {
      const own = (await secret.labels(signal)).get(version) ?? [];
      if (own.includes('AWSCURRENT')) throw moved(`version ${version} of ${arn} is current again`);
      if (own.includes(PREVIOUS)) await secret.moveLabel(PREVIOUS, version, undefined, signal);
    },
    undo: {
      does: `puts the label AWSPREVIOUS back on version ${version}`,
      act: async (run) => {
        const labels = await secret.labels(run.signal);
        // Under another's version, or the old one itself, it is not ours to place.
        if (holderOf(labels, 'AWSCURRENT') !== ours(run) || holderOf(labels, PREVIOUS) !== undefined) return;
        await secret.moveLabel(PREVIOUS, undefined, version, run.signal);
      },
    },
  };
}
