/** The one rule that is no data: a value that one of the owner's secrets stores holds. Its findings come from the index of the stores, not from a pattern (src/pipeline.ts). */
import type { RuleHelp } from './contracts.ts';

export const STORED_SECRET: RuleHelp & { readonly prefix: string } = {
  id: 'stored-secret',
  name: 'Secret of your store',
  provider: 'Secrets store',
  category: 'stored',
  description: 'A secrets store of yours holds this very value. Whoever can read the code opens what it opens, whatever it looks like.',
  severity: 'high',
  confidence: 'high',
  references: [],
  guide: null,
  prefix: '',
};
