/**
 * The user's own word on issuers, `issuers.toml` beside `stores.toml`: a table for each provider (`[gitlab]`) with the addresses of installations of their own and what
 * a rule's request needs beside the value. Never one that is found in a repository: it says whom leakwarden sends credentials to. No secrets stand in it.
 */
import { existsSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { ToolError } from '../core/errors.ts';
import type { Rule } from '../core/rule.ts';
import { installationAddress, NO_SETTINGS, namesBeside, type ProviderSettings, providerKey } from '../issuers/for-rule.ts';
import type { IssuerKind, IssuerSettings } from '../issuers/issuer-kind.ts';
import type { Io } from './io.ts';
import { MAX_CONFIG_BYTES, readText, shortReason } from './read-text.ts';
import { userFolder } from './user-files.ts';

const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
/** Providers, and what is said of one. */
const MAX_ISSUER_ENTRIES = 500;

/** Returns what the user says of each provider, by providerKey; nothing where there is no file. Throws ToolError `issuers-invalid`. */
export async function readIssuers(env: Io['env']): Promise<ReadonlyMap<string, ProviderSettings>> {
  const folder = userFolder('config', env);
  const path = folder === null ? null : join(folder, 'issuers.toml');
  if (path === null || !existsSync(path)) return new Map();
  const fail = (reason: string, cause?: unknown): ToolError => new ToolError('issuers-invalid', { path, reason }, { cause });
  let value: unknown;
  try {
    const text = readText(path, MAX_CONFIG_BYTES, null);
    if (process.platform !== 'win32' && (lstatSync(path).mode & 0o022) !== 0) throw new Error('others may write to it; chmod 600 it');
    const { parse } = await import('smol-toml');
    value = parse(text, { maxDepth: 4 });
  } catch (error) {
    // A parser's message goes on with an excerpt of the file.
    throw fail(shortReason(error).split('\n')[0] ?? '', error);
  }
  if (!isTable(value) || Object.keys(value).length > MAX_ISSUER_ENTRIES) throw fail('it is a table for each provider: [gitlab]');
  return new Map(
    Object.entries(value).map(([provider, table]) => {
      if (!NAME.test(provider)) throw fail(`${provider} is no provider's name: small letters, digits, dashes`);
      return [provider, toSettings(table, (reason) => fail(`[${provider}]: ${reason}`))];
    }),
  );
}

/** Returns what a rotator that a rule itself is (`issuer = "provider"`) takes from the user's file. */
export function rotatorSettings(
  rule: Pick<Rule, 'id' | 'provider' | 'check' | 'revoke'>,
  issuers: ReadonlyMap<string, ProviderSettings>,
): IssuerSettings {
  const { installations, isPublicAsked, names } = issuers.get(providerKey(rule.provider)) ?? NO_SETTINGS;
  const needed = new Set(namesBeside(rule));
  return {
    rule: rule.id,
    ...(installations.length === 0 ? {} : { installations: installations.join(',') }),
    ...(isPublicAsked ? {} : { public: 'false' }),
    ...Object.fromEntries([...names].filter(([name]) => needed.has(name))),
  };
}

/** Settings of a kind that are about one credential: rotators.toml says them. */
const ABOUT_ONE: readonly string[] = ['user', 'account', 'id-field', 'delete'];

/** Returns what a kind of issuer takes from the user's table of a rule's provider: the settings of the place that it knows by name. */
export function kindSettings(
  { settings }: Pick<IssuerKind, 'settings'>,
  rule: Pick<Rule, 'provider'>,
  issuers: ReadonlyMap<string, ProviderSettings>,
): IssuerSettings {
  const { names } = issuers.get(providerKey(rule.provider)) ?? NO_SETTINGS;
  return Object.fromEntries([...names].filter(([name]) => !ABOUT_ONE.includes(name) && settings.some((known) => known.name === name)));
}

function toSettings(table: unknown, fail: (reason: string) => ToolError): ProviderSettings {
  if (!isTable(table) || Object.keys(table).length > MAX_ISSUER_ENTRIES) throw fail('it is no table');
  const { installations = [], public: isPublicAsked = true, ...names } = table;
  if (!Array.isArray(installations)) throw fail('installations is a list of addresses');
  if (typeof isPublicAsked !== 'boolean') throw fail('public is true or false');
  return {
    installations: installations.map((one: unknown) => {
      const address = typeof one === 'string' ? installationAddress(one) : null;
      if (address === null) throw fail('installations: each is an https address, such as "https://git.example.com"');
      return address;
    }),
    isPublicAsked,
    names: new Map(
      Object.entries(names).map(([name, text]) => {
        if (!NAME.test(name) || typeof text !== 'string') throw fail(`${name} must be a text`);
        return [name, text];
      }),
    ),
  };
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
