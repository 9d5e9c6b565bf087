/**
 * The fakes, asked by the vendors' own Python clients: what boto3, Google's and Azure's clients understand, is what their services write. Skipped where
 * .cache/tools/clients is not there (`.ci/run` installs it). This is about the fakes; our connectors are tested over them.
 */
import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { arnOf, OWN_KEYS, REGION, startAws } from '../../fixtures/stores/aws.ts';
import { startAzure } from '../../fixtures/stores/azure.ts';
import { createKeys, PROJECT, startGcp } from '../../fixtures/stores/gcp.ts';
import { toolPath } from './real-server.ts';

const PYTHON = toolPath('clients/bin/python');

/** Runs a program with `given` as JSON on stdin; returns the JSON that it prints. */
async function run(program: string, given: object): Promise<unknown> {
  const env = { PATH: process.env['PATH'] ?? '', NO_PROXY: '*', AWS_EC2_METADATA_DISABLED: 'true' };
  const child = spawn(PYTHON ?? '', ['-c', `import json, sys\ngiven = json.load(sys.stdin)\n${program}`], { env, timeout: 60_000 });
  let [said, complained] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    complained = (complained + chunk.toString()).slice(-1500);
  });
  child.stdin.end(JSON.stringify(given));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(complained);
  return JSON.parse(said);
}

describe.skipIf(!PYTHON)('vendors’ clients over the fakes (needs .cache/tools/clients)', { timeout: 90_000 }, () => {
  it('boto3 understands the fake of AWS', async () => {
    const fake = await startAws();
    const arns = Array.from({ length: 130 }, (_, n) => arnOf(`app/${n}`));
    for (const arn of arns) fake.put(arn, `v-${arn}`);
    const [first = '', second = ''] = arns;
    for (const text of ['v2', 'v3']) fake.put(first, text);
    fake.play('denied-one', second);
    const program = `
import boto3
from botocore.config import Config
options = dict(region_name=given['region'], endpoint_url=given['origin'], config=Config(retries={'max_attempts': 0}))
keys = dict(aws_access_key_id=given['id'], aws_secret_access_key=given['key'])
client = boto3.client('secretsmanager', **options, **keys)
listed = [one for page in client.get_paginator('list_secrets').paginate(IncludePlannedDeletion=True) for one in page['SecretList']]
batch = client.batch_get_secret_value(SecretIdList=[one['ARN'] for one in listed[:3]])
def fault(doing):
    try: doing()
    except Exception as error: return error.response['Error']['Code']
wrong = boto3.client('secretsmanager', **options, aws_access_key_id=given['id'], aws_secret_access_key='x')
sts = boto3.client('sts', **options, **keys)
role = sts.assume_role(RoleArn='arn:aws:iam::111122223333:role/reader', RoleSessionName='own')['Credentials']
taken = boto3.client('secretsmanager', **options, aws_access_key_id=role['AccessKeyId'], aws_secret_access_key=role['SecretAccessKey'], aws_session_token=role['SessionToken'])
print(json.dumps({
  'count': len(listed),
  'created': listed[0]['CreatedDate'].year,
  'versions': sorted(len(one.get('VersionStages', [])) for one in client.list_secret_version_ids(SecretId=listed[0]['ARN'], IncludeDeprecated=True)['Versions']),
  'values': [one['SecretString'] for one in batch['SecretValues']],
  'errors': [one['ErrorCode'] for one in batch['Errors']],
  'taken': taken.get_secret_value(SecretId=listed[0]['ARN'])['SecretString'],
  'missing': fault(lambda: client.get_secret_value(SecretId='arn:aws:secretsmanager:eu-west-1:1:secret:none-AbC123')),
  'wrong': fault(lambda: wrong.list_secrets()),
  'who': sts.get_caller_identity()['Arn'],
}))`;
    const said = await run(program, { origin: fake.origin, region: REGION, id: OWN_KEYS.accessKeyId, key: OWN_KEYS.secretAccessKey });
    expect(said).toEqual({
      count: 130,
      created: 2026,
      versions: [0, 1, 1],
      values: ['v3', `v-${arns[2]}`],
      errors: ['AccessDeniedException'],
      taken: 'v3',
      missing: 'ResourceNotFoundException',
      wrong: 'InvalidSignatureException',
      who: 'arn:aws:iam::111122223333:user/t',
    });
  });

  it('Azure’s client understands the fake of Key Vault', async () => {
    const fake = await startAzure();
    fake.tokens.add('a-token');
    for (let n = 0; n < 30; n++) fake.put(`n${n}`, `v${n}`);
    for (const value of ['w1', 'w2']) fake.put('n0', value);
    Object.assign(fake.versions('n0')[1] ?? {}, { enabled: false });
    fake.remove('n29');
    fake.nextOrigin = fake.origin.replace('http://', 'https://');
    const off = fake.versions('n0')[1]?.id;
    const program = `
import time
from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError
from azure.core.pipeline.transport import RequestsTransport
from azure.keyvault.secrets import SecretClient
class Plain(RequestsTransport):
    # The client refuses to send a token but by TLS; the fake has none.
    def send(self, request, **kwargs):
        secure = request.url
        request.url = secure.replace('https://', 'http://', 1)
        try: return super().send(request, **kwargs)
        finally: request.url = secure
class Own:
    def get_token(self, *scopes, **kwargs): return AccessToken('a-token', int(time.time()) + 3600)
client = SecretClient(vault_url=given['origin'], credential=Own(), verify_challenge_resource=False, api_version='7.4', retry_total=0, transport=Plain())
def fault(doing):
    try: doing()
    except HttpResponseError as error: return [error.status_code, error.error.code]
versions = sorted(client.list_properties_of_secret_versions('n0'), key=lambda one: one.created_on)
print(json.dumps({
  'names': len([one.name for one in client.list_properties_of_secrets()]),
  'enabled': [one.enabled for one in versions],
  'value': client.get_secret('n0', versions[-1].version).value,
  'deleted': [one.name for one in client.list_deleted_secrets()],
  'off': fault(lambda: client.get_secret('n0', given['off'])),
  'missing': fault(lambda: client.get_secret('none', 'none')),
}))`;
    expect(await run(program, { origin: fake.nextOrigin, off })).toEqual({
      names: 29,
      enabled: [true, false, true],
      value: 'w2',
      deleted: ['n29'],
      off: [403, 'Forbidden'],
      missing: [404, 'SecretNotFound'],
    });
  });

  it('Google’s client understands the fake of Secret Manager', async () => {
    const fake = await startGcp(createKeys());
    const ref = (name: string): string => `projects/${PROJECT}/secrets/${name}`;
    for (let n = 0; n < 30; n++) fake.put(ref(`n${n}`), `v${n}`);
    for (const value of ['w1', 'w2']) fake.put(ref('n0'), value);
    Object.assign(fake.entry(ref('n0')).versions[1] ?? {}, { state: 'DISABLED' });
    fake.forbidden.add(`/v1/${ref('n1')}/versions`);
    fake.granted.add('secretmanager.versions.add');
    const program = `
from google.api_core.exceptions import GoogleAPICallError
from google.cloud import secretmanager
from google.auth.transport.requests import Request
from google.oauth2 import credentials, service_account
keys = service_account.Credentials.from_service_account_info(json.loads(given['file']), scopes=['https://www.googleapis.com/auth/cloud-platform'])
keys.refresh(Request())
client = secretmanager.SecretManagerServiceClient(credentials=credentials.Credentials(keys.token), transport='rest', client_options={'api_endpoint': given['origin']})
parent = 'projects/' + given['project']
def fault(doing):
    try: doing()
    except GoogleAPICallError as error: return [error.code, type(error).__name__]
name = parent + '/secrets/n0'
value = client.access_secret_version(name=name + '/versions/3')
print(json.dumps({
  'names': len(list(client.list_secrets(request={'parent': parent, 'page_size': 7}))),
  'states': [one.state.name for one in client.list_secret_versions(parent=name)],
  'value': value.payload.data.decode(),
  'sum': value.payload.data_crc32c,
  'off': fault(lambda: client.access_secret_version(name=name + '/versions/2')),
  'forbidden': fault(lambda: client.list_secret_versions(parent=parent + '/secrets/n1')),
  'granted': list(client.test_iam_permissions(request={'resource': name, 'permissions': ['secretmanager.versions.add', 'secretmanager.versions.destroy']}).permissions),
}))`;
    expect(await run(program, { origin: fake.origin, project: PROJECT, file: fake.serviceAccount() })).toEqual({
      names: 30,
      states: ['ENABLED', 'DISABLED', 'ENABLED'],
      value: 'w2',
      sum: expect.any(Number),
      off: [400, 'BadRequest'],
      forbidden: [403, 'Forbidden'],
      granted: ['secretmanager.versions.add'],
    });
  });
});
