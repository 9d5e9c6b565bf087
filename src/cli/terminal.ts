/** What the terminal can do. Colours: --color > NO_COLOR > FORCE_COLOR > whether it is a terminal (no-color.org, force-color.org). */

type Environment = Readonly<Record<string, string | undefined>>;

/** `when` is the value of --color, or undefined. */
export function usesColour(when: string | undefined, env: Environment, isTerminal: boolean): boolean {
  if (when === 'always') return true;
  if (when === 'never') return false;
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  if (env['FORCE_COLOR'] !== undefined) return env['FORCE_COLOR'] !== '0' && env['FORCE_COLOR'] !== 'false';
  return isTerminal && env['TERM'] !== 'dumb';
}
