/** Signature Version 4 against the examples that AWS published, and against botocore where a Python with it is at hand (.cache/tools/moto). */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { signV4 } from '../../src/net/aws-sigv4.ts';

/** The key of AWS's own examples, which opens nothing. */
const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: ['wJalrXUtnFEMI', 'K7MDENG+bPxRfiCYEXAMPLEKEY'].join('/') };
const NOW = new Date('2015-08-30T12:36:00Z');
const PYTHON = fileURLToPath(new URL('../../.cache/tools/moto/bin/python', import.meta.url));

const signatureOf = (headers: Record<string, string>): string => /Signature=(\w+)$/.exec(headers['Authorization'] ?? '')?.[1] ?? '';

describe('signV4', () => {
  const scope = { service: 'service', region: 'us-east-1', keys: KEYS, now: NOW };

  it.each([
    ['get-vanilla', 'GET', '/', {}, '', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    ['post-vanilla', 'POST', '/', {}, '', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
    [
      'get-vanilla-query-order-key-case',
      'GET',
      '/?Param2=value2&Param1=value1',
      {},
      '',
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
  ])('signs %s of AWS’s test suite', (_name, method, path, headers, body, expected) => {
    expect(signatureOf(signV4({ method, url: `https://example.amazonaws.com${path}`, headers, body }, scope))).toBe(expected);
  });

  it('signs the ListUsers of AWS’s guide', () => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' };
    const url = 'https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08';
    const signed = signV4({ method: 'GET', url, headers, body: '' }, { ...scope, service: 'iam' });
    expect(signed['Authorization']).toBe(
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, ' +
        'Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
    );
  });

  it('signs a session token, and a body', () => {
    const request = { method: 'POST', url: 'https://example.amazonaws.com/', headers: {}, body: 'a' };
    const [without, withToken] = [KEYS, { ...KEYS, sessionToken: 'token' }].map((keys) => signV4(request, { ...scope, keys }));
    expect(withToken?.['X-Amz-Security-Token']).toBe('token');
    expect(withToken?.['Authorization']).toContain('SignedHeaders=host;x-amz-date;x-amz-security-token');
    expect(signatureOf(withToken ?? {})).not.toBe(signatureOf(without ?? {}));
    expect(signatureOf(signV4({ ...request, body: 'b' }, scope))).not.toBe(signatureOf(without ?? {}));
  });

  it.skipIf(!existsSync(PYTHON))('signs as botocore does (needs .cache/tools/moto)', () => {
    const requests = [
      {
        method: 'POST',
        url: 'https://secretsmanager.eu-west-1.amazonaws.com/',
        headers: { 'X-Amz-Target': 'secretsmanager.ListSecrets', 'Content-Type': 'application/x-amz-json-1.1' },
        body: '{"MaxResults":100}',
      },
      { method: 'POST', url: 'http://127.0.0.1:5000/', headers: { 'Content-Type': 'a;  b' }, body: 'grüße' },
      { method: 'GET', url: 'https://example.amazonaws.com/a%20b/c/d%2Be?x=%2B%20%27%28%29%2A%21&a=1&a=0&z=', headers: {}, body: '' },
    ];
    const keys = { ...KEYS, sessionToken: 'a/token+of=some==' };
    const signed = requests.map((request) => signV4(request, { ...scope, keys })['Authorization']);
    const program = `
import datetime, json, sys
import botocore.auth as auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
given = json.load(sys.stdin)
now = datetime.datetime(2015, 8, 30, 12, 36, tzinfo=datetime.timezone.utc)
class Clock(datetime.datetime):
    @classmethod
    def now(cls, tz=None): return now
    @classmethod
    def utcnow(cls): return now.replace(tzinfo=None)
auth.datetime = type('m', (), {'datetime': Clock, 'timezone': datetime.timezone, 'timedelta': datetime.timedelta})
if hasattr(auth, 'get_current_datetime'): auth.get_current_datetime = lambda remove_tzinfo=True: now
out = []
for one in given['requests']:
    request = AWSRequest(method=one['method'], url=one['url'], headers=one['headers'], data=one['body'].encode())
    keys = given['keys']
    auth.SigV4Auth(Credentials(keys['accessKeyId'], keys['secretAccessKey'], keys['sessionToken']), 'service', 'us-east-1').add_auth(request)
    out.append(request.headers['Authorization'])
print(json.dumps(out))
`;
    const answer = execFileSync(PYTHON, ['-c', program], { input: JSON.stringify({ requests, keys }), encoding: 'utf8' });
    expect(signed).toEqual(JSON.parse(answer));
  });
});
