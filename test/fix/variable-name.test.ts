/** What the environment variable is called that a value moves to: as the text calls the value, with whose it is where that says too little. */
import { describe, expect, it } from 'vitest';
import { variableNameOf } from '../../src/fix/variable-name.ts';

const VALUE = 'q7Wm2Zx9Lp4Tn8Rk';

function named(text: string, rule = 'generic-password', provider = 'Generic'): string {
  const start = text.indexOf(VALUE);
  return variableNameOf(text, { start, end: start + VALUE.length }, { rule, provider });
}

describe('names of variables', () => {
  it.each([
    [`stripe.secretKey = '${VALUE}'`, 'SECRET_KEY'],
    [`config["dbPassword"] = "${VALUE}"`, 'DB_PASSWORD'],
    [`./run --api-key ${VALUE}`, 'API_KEY'],
    [`headers = {"Authorization": "Bearer ${VALUE}"}`, 'AUTHORIZATION'],
    [`the prod db password is ${VALUE}, please rotate`, 'PASSWORD'],
    [`Set the access token to \`${VALUE}\`.`, 'TOKEN'],
    [`(${VALUE})`, 'GENERIC_PASSWORD'],
  ])('%s: %s', (text, name) => {
    expect(named(text)).toBe(name);
  });

  it('say whose it is where the text does not', () => {
    expect(named(`token: ${VALUE}`, 'stripe-secret-key', 'Stripe')).toBe('STRIPE_TOKEN');
    expect(named(`My API key is ${VALUE}`, 'stripe-secret-key', 'Stripe')).toBe('STRIPE_KEY');
    expect(named(`stripe_token: ${VALUE}`, 'stripe-secret-key', 'Stripe')).toBe('STRIPE_TOKEN');
    expect(named(`require('stripe')('${VALUE}')`, 'stripe-secret-key', 'Stripe')).toBe('STRIPE_SECRET_KEY');
  });
});
