/** The issuers that rules describe, as a kind for the table of a rotator: `issuer = "provider"`, `rule = "github-pat-classic"`, and what that rule's provider needs. */
import { RotationError } from '../core/rotation.ts';
import { builtInRules } from '../ruleset/load.ts';
import { installationAddress, issuerForRule, namesBeside } from './for-rule.ts';
import type { IssuerKind, IssuerSetting } from './issuer-kind.ts';

const SETTINGS: readonly IssuerSetting[] = [
  { name: 'rule', help: 'id of the rule, as leakwarden rules list has it', isRequired: true },
  { name: 'installations', help: 'addresses of installations of your own', isList: true },
  { name: 'public', help: 'false: only those are asked' },
  { name: 'created', help: 'when the credential was made, where an account has several that look alike: 2026-01-31' },
];

export const provider: IssuerKind = {
  kind: 'provider',
  name: 'Providers whose rules say how a credential is checked and revoked',
  get settings() {
    const known = new Set(SETTINGS.map(({ name }) => name));
    const names = [...new Set(builtInRules().flatMap(namesBeside))].filter((name) => !known.has(name)).sort();
    return [...SETTINGS, ...names.map((name) => ({ name, help: `stands for <${name}> in the rule` }))];
  },
  create(settings, context) {
    const fail = (message: string): RotationError => new RotationError('cannot', `issuer provider: ${message}`, { mayHaveHappened: false });
    const { rule: ruleId, installations: listed, public: isPublic, ...others } = settings;
    const rule = builtInRules().find((one) => one.id === ruleId);
    if (!rule) throw fail(ruleId === undefined ? 'rule is missing' : `there is no rule ${ruleId}`);
    const installations = (listed ?? '')
      .split(',')
      .filter((text) => text !== '')
      .map((text) => {
        const address = installationAddress(text);
        if (address === null) throw fail(`${text} is no https address`);
        return address;
      });
    const names = new Map(Object.entries(others));
    const parts = Object.fromEntries(Array.from(context.beside ?? [], ([id, secret]) => [id, { rule: id, secret }]));
    const issuer = issuerForRule(rule, parts, { installations, isPublicAsked: isPublic !== 'false', names }, context);
    if (!issuer) throw fail(`nothing is known of who issues ${rule.name}`);
    return issuer;
  },
};
