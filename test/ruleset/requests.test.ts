/** How a rule says what its issuer is asked: what the reader takes, and what it refuses because a value could go astray by it. */
import { describe, expect, it } from 'vitest';
import { namesIn, RequestFault, readCheck, readRevocation } from '../../src/ruleset/read-requests.ts';

const SOUND = { get: 'https://api.acme.example/me', bearer: 'secret', live: [200], retired: [401] };

const FAULTY: Readonly<Record<string, Record<string, unknown>>> = {
  'http': { ...SOUND, get: 'http://api.acme.example/me' },
  'no address': { ...SOUND, get: 'api.acme.example' },
  'a user in the address': { ...SOUND, get: 'https://me@api.acme.example/' },
  'the value in the host': { ...SOUND, get: 'https://<secret>.acme.example/' },
  'an address that is the value, to anywhere': { get: '<secret>', live: [200] },
  'an address that is the value, to http': { get: '<secret>', origins: ['http://acme.example'], live: [200] },
  'an origin with a path': { get: '<secret>', origins: ['https://acme.example/hook'], live: [200] },
  'two methods': { ...SOUND, post: 'https://api.acme.example/me' },
  'no method': { bearer: 'secret', live: [200] },
  'a body of a GET': { ...SOUND, json: { a: 1 } },
  'two bodies': { post: 'https://api.acme.example/me', json: { a: 1 }, form: { a: 'b' }, live: [200] },
  'nothing that is live': { get: 'https://api.acme.example/me', retired: [401] },
  'throttling as death': { ...SOUND, retired: [429] },
  'a failure of the server as death': { ...SOUND, retired: [500] },
  'one status for both': { ...SOUND, retired: [200] },
  'a header of the connection': { ...SOUND, header: { Host: 'elsewhere.example' } },
  'a header with a line break': { ...SOUND, header: { 'X-Key': 'a\r\nb' } },
  'two authorizations': { ...SOUND, header: { Authorization: 'secret' } },
  'basic that is no pair': { get: SOUND.get, basic: 'secret', live: [200] },
  'a key that is none': { ...SOUND, live_when: {} },
  'a path that is none': { ...SOUND, identity: ['a b'] },
  'a piece without a separator': { ...SOUND, pieces: { id: { part: 1 } } },
  'a piece of two kinds': { ...SOUND, pieces: { id: { at: '.', part: 1, last: 4 } } },
  'a piece of no characters': { ...SOUND, pieces: { id: { last: 0 } } },
  'a piece in another code': { ...SOUND, pieces: { id: { last: 4, decode: 'hex' } } },
  'installations of another kind': { ...SOUND, installations: 'many' },
};

describe('check', () => {
  it('takes a sound one, whole', () => {
    expect(readCheck(SOUND)).toEqual({
      request: {
        method: 'GET',
        url: 'https://api.acme.example/me',
        origins: [],
        headers: { authorization: 'Bearer <secret>' },
        basic: null,
        query: {},
        body: null,
      },
      pieces: {},
      accepted: { statuses: [200], when: [] },
      refused: { statuses: [401], when: [] },
      identity: [],
      scopes: null,
      expires: null,
      installations: 'none',
    });
    expect(readCheck(null)).toBeNull();
  });

  it.each(Object.entries(FAULTY))('refuses %s', (_, entry) => {
    expect(() => readCheck(entry)).toThrow(RequestFault);
  });

  it('tells one status apart by what stands in the reply', () => {
    const check = readCheck({ ...SOUND, 'live-when': { ok: true, id: '*' }, 'retired': [200], 'retired-when': { error: ['a', 'b'] } });
    expect(check?.accepted.when).toEqual([
      { path: 'ok', is: [true] },
      { path: 'id', is: 'present' },
    ]);
    expect(check?.refused.when).toEqual([{ path: 'error', is: ['a', 'b'] }]);
  });
});

describe('revoke', () => {
  it('knows what is done, and what it needs', () => {
    const revoke = readRevocation({
      'delete': 'https://api.acme.example/keys/<id>',
      'basic': ['<acme-user>', 'secret'],
      'from-check': { id: 'result.id' },
      'asynchronous': true,
    });
    expect(revoke?.done).toEqual({ statuses: [200, 201, 202, 204], when: [] });
    expect(revoke === null ? [] : namesIn(revoke.request)).toEqual(['id', 'acme-user']);
    expect([revoke?.isAsynchronous, revoke?.notifiesOwner, revoke?.fromCheck]).toEqual([true, false, { id: 'result.id' }]);
  });

  it('refuses a host that a reply would name', () => {
    const entry = { 'delete': 'https://<id>.acme.example/key', 'bearer': 'secret', 'from-check': { id: 'id' } };
    expect(() => readRevocation(entry)).toThrow(/no reply says where/);
  });
});
