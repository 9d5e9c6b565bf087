/** Addresses with a password in them: user, host and database are told, the password is not. */
import { details, type Structure } from './structure.ts';

const ADDRESS = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^:@/]{0,120}):.*@([A-Za-z0-9._:[\],-]{1,200})(?:\/([A-Za-z0-9_.-]{1,64}))?/s;

export const address: Structure = {
  id: 'address',
  mismatch: 'lower',
  // Every form that a rule let through is one: nothing is lowered for a host that cannot be read.
  read: (value) => {
    const [, user, host, database] = ADDRESS.exec(value) ?? [];
    return details([
      ['user', user],
      ['host', host],
      ['database', database],
    ]);
  },
};

/** One piece of a credential that names it and opens nothing: a key's id, a bot's number, a region. */
export const split: Structure = {
  id: 'split',
  mismatch: 'lower',
  read: (value, { at = '.', part = 0, label = 'id' }) => details([[label, value.split(at).at(part)]]),
};
