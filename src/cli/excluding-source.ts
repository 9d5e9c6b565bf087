/** A source without what `[scan] exclude` names: those files are not read, and what is wrong with them is no problem. Made by the commands that scan. */
import type { BlobRef, OnSeen, Problem, Source } from '../core/contracts.ts';
import { matchesGlob } from '../suppress/glob.ts';
import { pathFromRoot } from '../suppress/settings.ts';
import type { Settings } from './settings.ts';

/** `onExcluded` is called once for each input that is left out. */
export function excludeFrom(source: Source, settings: Pick<Settings, 'exclude' | 'cwd' | 'root'>, onExcluded: () => void): Source {
  if (settings.exclude.length === 0) return source;
  const isExcluded = (input: BlobRef | Problem): boolean => {
    const path = pathFromRoot('code' in input ? input.where : input.provenance.path, settings);
    return settings.exclude.some(({ glob }) => matchesGlob(glob, path));
  };
  const isIncluded = (input: BlobRef | Problem): boolean => {
    const isOut = isExcluded(input);
    if (isOut) onExcluded();
    return !isOut;
  };
  return {
    kind: source.kind,
    async *blobs(signal, onSeen) {
      const onOwn = onSeen && ((blob: Parameters<OnSeen>[0]): void => (isExcluded(blob) ? undefined : onSeen(blob)));
      for await (const given of source.blobs(signal, onOwn)) {
        if ('length' in given) yield given.filter((blob) => isIncluded(blob));
        else if (isIncluded(given)) yield given;
      }
    },
  };
}
