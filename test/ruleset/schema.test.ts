/** rules/schema.json is what editors check rule files with; src/ruleset/read-rules.ts is what decides. They must say the same. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { RuleFileError, readRules } from '../../src/ruleset/read-rules.ts';
import { RULE_FILES, textOfRuleFile } from './rule-files.ts';

const validate = new Ajv2020({ strict: true, allErrors: true }).compile(
  JSON.parse(readFileSync(new URL('../../rules/schema.json', import.meta.url), 'utf8')),
);

const SOUND = {
  id: 'acme-key',
  name: 'Acme key',
  provider: 'Acme',
  category: 'cloud',
  description: 'Key of an Acme account. A thief acts as its owner.',
  severity: 'high',
  keywords: ['acme_'],
  pattern: '(?P<secret>acme_[0-9a-f]{32})',
  not: [{ text: 'acme_', because: 'too short' }],
};

const FAULTY: Readonly<Record<string, unknown>> = {
  'no list': SOUND,
  'a text for a rule': ['acme'],
  'no id': [without('id')],
  'no name': [without('name')],
  'no pattern': [without('pattern')],
  'no keywords': [without('keywords')],
  'an empty list of keywords': [{ ...SOUND, keywords: [] }],
  'an empty keyword': [{ ...SOUND, keywords: [''] }],
  'an id in capitals': [{ ...SOUND, id: 'AcmeKey' }],
  'an id of two words': [{ ...SOUND, id: 'acme key' }],
  'a long id': [{ ...SOUND, id: 'a'.repeat(81) }],
  'an unknown severity': [{ ...SOUND, severity: 'huge' }],
  'an unknown confidence': [{ ...SOUND, confidence: 'certain' }],
  'an unknown context': [{ ...SOUND, context: 'line' }],
  'an unknown key': [{ ...SOUND, regex: 'x' }],
  'a text for a number': [{ ...SOUND, entropy: '3' }],
  'more entropy than a byte has': [{ ...SOUND, entropy: 9 }],
  'within too far': [{ ...SOUND, within: 251 }],
  'a text for a flag': [{ ...SOUND, alone: 'no' }],
  'nothing for a flag': [{ ...SOUND, alone: null }],
  'a text for a checksum': [{ ...SOUND, checksum: 'crc32' }],
  'a checksum without id': [{ ...SOUND, checksum: { seed: 'x' } }],
  'a checksum with an unknown key': [{ ...SOUND, checksum: { id: 'crc32-base62-body', kind: 'x' } }],
  'a companion without a name': [{ ...SOUND, with: [{ rule: 'acme-id' }] }],
  'a companion too far': [{ ...SOUND, with: [{ rule: 'acme-id', as: 'id', lines: 101 }] }],
  'a number among examples': [{ ...SOUND, examples: [7] }],
  'a negative without its reason': [{ ...SOUND, not: [{ text: 'acme_' }] }],
  'a text for a check': [{ ...SOUND, check: 'https://acme.io' }],
  'a check without a request': [{ ...SOUND, check: { live: [200] } }],
  'a check of two requests': [{ ...SOUND, check: { get: 'https://acme.io/a', post: 'https://acme.io/a', live: [200] } }],
  'a check that nothing proves': [{ ...SOUND, check: { get: 'https://acme.io/a' } }],
  'a check that throttling proves': [{ ...SOUND, check: { get: 'https://acme.io/a', live: [200], retired: [429] } }],
  'a check with an unknown key': [{ ...SOUND, check: { get: 'https://acme.io/a', live: [200], dead: [401] } }],
  'a piece without its part': [{ ...SOUND, revoke: { delete: 'https://acme.io/<id>', pieces: { id: { at: '.' } } } }],
  'a revocation with an unknown key': [{ ...SOUND, revoke: { delete: 'https://acme.io/a', live: [200] } }],
};

function without(key: keyof typeof SOUND): Record<string, unknown> {
  const { [key]: _, ...rest } = SOUND;
  return rest;
}

describe('rules/schema.json', () => {
  it('takes every rule file of the built-in set', () => {
    const refused = RULE_FILES.filter((name) => !validate(parse(textOfRuleFile(name))));
    expect(refused).toEqual([]);
    expect(RULE_FILES.length).toBeGreaterThan(100);
  });

  it('takes a sound rule, as the reader does', async () => {
    const check = { get: 'https://acme.io/<part>', bearer: 'secret', pieces: { part: { at: '_', part: 1 } }, live: [200], retired: [401] };
    const asked = { ...SOUND, check, revoke: { delete: 'https://acme.io/me', basic: ['', 'secret'], done: [204] } };
    for (const rule of [SOUND, asked]) {
      expect(validate([rule])).toBe(true);
      expect(await readRules(JSON.stringify([rule]), 'x.yml')).toHaveLength(1);
    }
  });

  for (const [what, sample] of Object.entries(FAULTY)) {
    it(`refuses ${what}, as the reader does`, async () => {
      expect(validate(sample)).toBe(false);
      await expect(readRules(JSON.stringify(sample), 'x.yml')).rejects.toThrow(RuleFileError);
    });
  }
});
