/**
 * What is no secret at any level: encrypted values, references into stores, template variables, hashes, public halves, names of versions, samples that
 * providers publish. Each is scanned as an audit (--min-confidence low) would, in a file of its kind, and gives nothing or something that is suppressed
 * as certainly none.
 */
import { describe, expect, it } from 'vitest';
import { fillExample } from '../../src/ruleset/examples.ts';
import { makeScanners, ruleOf, scanText } from './rules-scanner.ts';

const { usual, audit } = makeScanners();

const dollar = '$';

/** Kind, file, text; `{{class:length}}` is filled from a seed. */
const CASES: readonly (readonly [string, string, string])[] = [
  ['SOPS', 'secrets.yaml', 'password: ENC[AES256_GCM,data:{{base64:24}},iv:{{base64:43}}=,tag:{{base64:22}}==,type:str]'],
  ['SOPS', 'secrets.json', '"api_key": "ENC[AES256_GCM,data:{{base64:24}},iv:{{base64:43}}=,tag:{{base64:22}}==,type:str]"'],
  ['SOPS', '.env', 'API_TOKEN=ENC[AES256_GCM,data:{{base64:24}},iv:{{base64:43}}=,tag:{{base64:22}}==,type:str]'],
  ['SOPS age recipient', '.sops.yaml', 'age: age1{{loweralnum:58}}'],
  ['sealed secret', 'sealed.yaml', 'kind: SealedSecret\nspec:\n  encryptedData:\n    password: AgB{{base64:300}}\n'],
  ['ansible-vault', 'vars.yml', 'db_password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  {{hex:80}}\n  {{hex:80}}\n'],
  ['ansible-vault', 'vault.yml', '$ANSIBLE_VAULT;1.1;AES256\n{{hex:80}}\n{{hex:80}}\n'],
  ['Jasypt', 'application.properties', 'spring.datasource.password=ENC({{base64:43}}=)'],
  ['eyaml', 'common.eyaml', 'password: ENC[PKCS7,{{base64:400}}]'],
  ['transit of Vault', 'a.yml', 'password: vault:v1:{{base64:60}}'],
  ['KMS', 'a.yml', 'password: AQICAH{{base64:150}}'],
  ['dotenvx', '.env', 'API_KEY="encrypted:{{base64:120}}"'],
  ['Pulumi', 'Pulumi.dev.yaml', 'config:\n  app:dbPassword:\n    secure: v1:{{base64:16}}:{{base64:40}}\n'],
  ['Travis', '.travis.yml', 'env:\n  global:\n    - secure: "{{base64:171}}="\n'],
  ['npm lock', 'package-lock.json', '"integrity": "sha512-{{base64:86}}=="'],
  ['yarn lock', 'yarn.lock', 'integrity sha512-{{base64:86}}=='],
  ['cargo lock', 'Cargo.lock', 'checksum = "{{hex:64}}"'],
  ['go sum', 'go.sum', 'github.com/acme/x v1.2.3 h1:{{base64:43}}='],
  ['pip hash', 'requirements.txt', 'acme==1.0 --hash=sha256:{{hex:64}}'],
  ['poetry lock', 'poetry.lock', '{file = "a.whl", hash = "sha256:{{hex:64}}"}'],
  ['terraform lock', '.terraform.lock.hcl', '"zh:{{hex:64}}",'],
  ['SRI', 'index.html', '<script src="a.js" integrity="sha384-{{base64:64}}"></script>'],
  ['commit beside a provider’s name', 'ci.env', 'DATADOG_GIT_COMMIT_SHA={{hex:40}}'],
  ['commit beside a provider’s name', 'build.gradle', 'datadogCommit = "{{hex:40}}"'],
  ['revision', 'sonar.properties', 'sonar_revision={{hex:40}}'],
  ['id of an application', '.env', 'heroku_app_id: {{uuid}}'],
  ['id of a form', 'forms.py', 'HUBSPOT_FORM_GUID="{{uuid}}"'],
  ['id of a node', 'node.hcl', 'consul_node_id = "{{uuid}}"'],
  ['digest in the name of an image', 'index.html', '<img src="/media/box.ico-{{hex:32}}.png">'],
  ['digest of a mounted secret', 'templates/deployment.yaml', '        checksum/secret: {{hex:64}}'],
  ['token of a badge', 'README.md', '[![cover](https://codecov.io/gh/acme/app/badge.svg?token={{alnum:10}})](https://codecov.io)'],
  ['token of a public key', 'App.config', '<assembly name="System.Web, Culture=neutral, PublicKeyToken={{hex:16}}" />'],
  ['image digest', 'Dockerfile', 'FROM node@sha256:{{hex:64}}'],
  ['certificate', 'ca.pem', '-----BEGIN CERTIFICATE-----\n{{base64:64}}\n{{base64:64}}\n-----END CERTIFICATE-----\n'],
  ['public key', 'key.pub', '-----BEGIN PUBLIC KEY-----\n{{base64:64}}\n{{base64:40}}==\n-----END PUBLIC KEY-----\n'],
  ['public key', 'id_rsa.pub', 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ{{base64:300}} svc@acme'],
  ['public key', 'authorized_keys', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{{base64:43}} svc@acme'],
  ['public key', 'a.yml', 'public_key: {{base64:43}}='],
  ['git object', 'a.yml', 'commit: {{hex:40}}'],
  ['git object', '.github/workflows/ci.yml', '- uses: acme/action@{{hex:40}}'],
  ['git object', 'a.txt', 'revision = "{{hex:40}}"'],
  ['UUID', 'a.json', '{"id": "{{uuid}}", "requestId": "{{uuid}}"}'],
  ['UUID', 'a.sln', 'Project("{{{uuid}}}") = "App"'],
  ['template', 'values.yaml', 'password: {{ .Values.db.password }}'],
  ['template', 'a.j2', 'password = "{{ vault_db_password }}"'],
  ['template', '.github/workflows/ci.yml', `token: ${dollar}{{ secrets.NPM_TOKEN }}`],
  ['template', 'docker-compose.yml', `- POSTGRES_PASSWORD=${dollar}{DB_PASSWORD}`],
  ['template', 'a.sh', 'export API_TOKEN="$(cat /run/secrets/token)"'],
  ['template', 'a.sh', 'curl -u "$USER:$PASSWORD" https://api.acme.io'],
  ['template', 'a.bat', 'set PASSWORD=%DB_PASSWORD%'],
  ['template', 'a.xml', `<password>${dollar}{db.password}</password>`],
  ['template', 'a.erb', 'password: <%= ENV["DB_PASSWORD"] %>'],
  ['template', 'a.rb', 'url = "postgres://svc:#{password}@db.acme.io/app"'],
  ['template', 'a.tf', 'password = var.db_password'],
  ['template', 'a.py', 'password = f"{password}"'],
  ['reference of code', 'a.js', 'const apiKey = process.env.API_KEY;'],
  ['reference of code', 'a.py', 'password = os.environ["DB_PASSWORD"]'],
  ['reference of code', 'a.go', 'token := os.Getenv("API_TOKEN")'],
  ['reference of code', 'a.java', 'String password = config.getPassword();'],
  ['store: Vault', 'a.yml', 'password: vault:secret/data/app#password'],
  ['store: 1Password', '.env', 'DB_PASSWORD=op://vault/database/password'],
  ['store: AWS', 'a.yml', 'password: arn:aws:secretsmanager:eu-west-1:{{digit:12}}:secret:prod/db'],
  ['store: AWS', 'a.yml', 'DB_PASSWORD: "{{resolve:secretsmanager:prod/db:SecretString:password}}"'],
  ['store: AWS', 'a.json', '"valueFrom": "arn:aws:ssm:eu-west-1:{{digit:12}}:parameter/prod/db"'],
  ['store: Google', 'a.yml', 'password: projects/acme/secrets/db-password/versions/latest'],
  ['store: Azure', 'a.json', '"ApiKey": "@Microsoft.KeyVault(SecretUri=https://acme.vault.azure.net/secrets/api/)"'],
  ['store: Azure', 'a.json', '"password": {"reference": {"keyVault": {"id": "x"}, "secretName": "db-password"}}'],
  ['store: Kubernetes', 'a.yml', 'env:\n- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef:\n      name: db\n      key: password\n'],
  ['store: vals', 'values.yaml', 'password: ref+vault://secret/app#/password'],
  ['store: Doppler', '.env', 'API_KEY=doppler://acme/prod/API_KEY'],
  ['store: Cloud Run', 'a.yml', 'API_KEY: sm://acme/api-key'],
  ['path', 'a.yml', 'password_file: /run/secrets/db_password'],
  ['path', 'a.conf', 'ssl_key = /etc/ssl/private/server.key'],
  ['blank', 'README.md', 'API_KEY=<your-api-key>'],
  ['masked', 'a.log', 'password=********'],
];

/** Joined here, so that no scanner takes this file for a leak. */
const SAMPLES: readonly (readonly [string, string])[] = [
  ['AWS', ['aws_secret_access_key = "wJalrXUtnFEMI/K7MDENG', '/bPxRfiCYEXAMPLEKEY"'].join('')],
  ['RFC 7617', ['Authorization: Basic QWxhZGRpbjpv', 'cGVuIHNlc2FtZQ=='].join('')],
];

describe('known non-secrets', () => {
  it.each([...CASES, ...SAMPLES.map(([kind, text]) => [kind, 'a.md', text] as const)])('%s in %s: %s', (kind, path, text) => {
    // CloudFormation's own double braces are no example's.
    const filled = text.includes('{{resolve:') ? text : fillExample(text, kind);
    for (const scanner of [usual, audit]) {
      const found = scanText(scanner, path, filled).filter(({ placeholder }) => placeholder === null);
      expect(found.map(ruleOf)).toEqual([]);
    }
  });
});
