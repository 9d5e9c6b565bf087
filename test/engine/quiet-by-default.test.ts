/**
 * What stands in ordinary projects and is no credential, though names and forms come close: ids beside a provider's name, names of keys, digests, public halves,
 * texts of forms, references of infrastructure code. A scan at the default level says nothing of any of it.
 */
import { describe, expect, it } from 'vitest';
import { fillExample } from '../../src/ruleset/examples.ts';
import { isReported, makeScanners, ruleOf, scanText } from './rules-scanner.ts';

const { usual } = makeScanners();

function reported(path: string, text: string): string[] {
  return scanText(usual, path, fillExample(text, path)).filter(isReported).map(ruleOf);
}

describe('ids beside a provider’s name', () => {
  it.each([
    'cloudflare_zone_id = "{{hex:32}}"',
    'cloudflare_account_id = "{{hex:32}}"',
    'DATADOG_TRACE_ID={{hex:32}}',
    'okta_group_id: 00g{{alnum:17}}',
    'SENTRY_PROJECT_ID={{digit:7}}',
    'sentry_release: {{hex:40}}',
    'ALGOLIA_APPLICATION_ID="{{alnum:10}}"',
    'stripe_price_id = "price_{{alnum:24}}"',
    'TWILIO_MESSAGING_SERVICE_SID="MG{{hex:32}}"',
    'discord_guild_id = "{{digit:18}}"',
    'linear_team_id = "{{uuid}}"',
    'NOTION_PAGE_ID="{{hex:32}}"',
    'airtable_base_id: app{{alnum:14}}',
    'trello_board_id = "{{hex:24}}"',
    'mailchimp_audience_id: {{hex:10}}',
    'SENDGRID_TEMPLATE_WELCOME=d-{{hex:32}}',
    'postmark_message_id: {{uuid}}',
    'AZURE_SUBSCRIPTION_ID={{uuid}}',
    'aws_request_id = "{{uuid}}"',
    '"secret_id_accessor": "{{uuid}}"',
    'VAULT_TOKEN_ACCESSOR={{alnum:24}}',
    'netlify_site_id: {{uuid}}',
    'launchdarkly_client_side_id: {{hex:24}}',
    'docusign_envelope_id = "{{uuid}}"',
    'databricks_job_id = {{digit:15}}',
    'CIRCLE_WORKFLOW_ID={{uuid}}',
    'TRAVIS_COMMIT={{hex:40}}',
    'jfrog_artifact_sha1: {{hex:40}}',
    'consul_node_id = "{{uuid}}"',
    'TFC_WORKSPACE_ID=ws-{{alnum:16}}',
    'onesignal_app_id = "{{uuid}}"',
    'expo_project_id: {{uuid}}',
  ])('%s', (text) => {
    expect(reported('.env', text)).toEqual([]);
    expect(reported('src/settings.py', text)).toEqual([]);
  });
});

describe('names, texts and references', () => {
  it.each([
    ['src/app.ts', "const localStorageKey = 'redux-persist:root';"],
    ['src/app.ts', "const QUERY_KEY = 'user-profile-v2';"],
    ['src/app.ts', "const SECRET_NAME = 'prod/db/main-password';"],
    ['src/app.js', "const password = '#snmp_password';"],
    ['notes.txt', 'password sha512'],
    ['notes.txt', '  password base64-encoded2'],
    ['notes.txt', '  token utf8mb4'],
    ['notes.txt', 'key ed25519'],
    ['notes.txt', '    secret kubernetes-v2'],
    ['notes.txt', 'password section-2.1'],
    ['passwd', 'password requisite pam_pwquality.so retry=3'],
    ['pam.conf', 'password sufficient pam_unix.so sha512 shadow'],
    ['notes.md', 'for the following secrets:\n  - gossip encryption key 2 defined above'],
    ['values.yml', 'imagePullSecrets:\n  - registry-credentials-2'],
    ['values.yml', 'keys:\n  - node-affinity-1'],
    ['authorized.yml', 'ssh_authorized_keys:\n  - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDdz'],
    ['values.yml', 'tokens:\n  - {{alnum:6}}'],
    ['src/app.php', "'password' => '_DBC_DBPASS_',"],
    ['src/app.php', "'password' => '|arg1:specific_password|',"],
    ['bin/add', 'password="$fullname:$email:admin"'],
    ['src/labels.php', "$labels['password'] = 'Wachtwoord';"],
    ['src/app.ts', "const PASSWORD_REGEX = '^(?=.*[A-Z])(?=.*\\\\d).{8,}$';"],
    ['src/app.ts', "const translationKey = 'common:button.save_2fa';"],
    ['src/app.ts', "const sortKey = 'SK#2024-01-01T00:00:00Z';"],
    ['src/app.ts', "const s3Key = 'uploads/2024/11/22/photo-123.jpg';"],
    ['src/app.ts', "const tokenAddress = '0x{{hex:40}}';"],
    ['src/app.ts', "const grantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer';"],
    ['src/app.ts', "const errors = { password: 'Must have 8+ characters & 1 number!', token: 'Token expired 5m ago' };"],
    ['src/app.ts', "const routes = { password: '/account/password/reset/:token', token: '/auth/token2' };"],
    ['src/app.ts', "const theme = { token: { colorPrimary: '#00b96b', borderRadius: 2 } };"],
    ['src/app.ts', "const hotkey = 'ctrl+shift+k'; const key = 'Mod-Shift-z';"],
    ['config/app.yml', 'secretName: my-app-tls-2024'],
    ['config/app.yml', 'passwordSecret: postgres-secret-1'],
    ['config/app.yml', 'authMethod: approle-prod1'],
    ['config/app.yml', 'encryption_key_id: alias/prod-key-1'],
    ['config/app.ini', 'auth_plugin = mysql_native_password\npassword_encryption = scram-sha-256'],
    ['App.csproj', '<UserSecretsId>aspnet-App-{{uuid}}</UserSecretsId>'],
    ['AssemblyInfo.cs', '[assembly: InternalsVisibleTo("Tests, PublicKeyToken={{hex:16}}")]'],
    ['gradle/wrapper/gradle-wrapper.properties', 'distributionSha256Sum={{hex:64}}'],
    ['.github/workflows/ci.yml', '      - uses: actions/setup-node@{{hex:40}} # v4\n        with:\n          cache-key: v2-deps-{{hex:8}}'],
    ['terraform.tfstate', '{"version":4,"lineage":"{{uuid}}","etag":"{{hex:32}}","key_id":"{{uuid}}"}'],
    ['main.tf', 'password = random_password.db.result\ntoken = data.aws_eks_cluster_auth.this.token'],
    ['templates/deployment.yaml', '        checksum/secret: {{hex:64}}\n        checksum/config: {{hex:64}}'],
    ['sw.js', 'precacheAndRoute([{"revision":"{{hex:32}}","url":"token.html"}]);'],
    ['ngsw.json', '{"hashTable":{"/assets/key.svg":"{{hex:40}}","/auth/token.js":"{{hex:40}}"}}'],
    ['Assets/Secret.prefab.meta', 'fileFormatVersion: 2\nguid: {{hex:32}}'],
    ['jwks.json', '{"keys":[{"kty":"RSA","kid":"{{base64url:27}}","n":"{{base64url:342}}","e":"AQAB","x5t":"{{base64url:27}}"}]}'],
    ['metadata.xml', '<ds:DigestValue>{{base64:27}}=</ds:DigestValue><ds:SignatureValue>{{base64:342}}==</ds:SignatureValue>'],
    ['Podfile.lock', 'SPEC CHECKSUMS:\n  KeychainAccess: {{hex:40}}\n  GoogleSignIn: {{hex:40}}'],
    ['Dockerfile', 'FROM alpine@sha256:{{hex:64}}\nENV YARN_CHECKSUM={{hex:64}}\nARG GPG_KEY={{hex:40}}'],
    ['install.sh', 'KEY_FINGERPRINT={{hex:40}}\nEXPECTED_SHA256={{hex:64}}\nexport SIGNING_KEY_ID=0x{{hex:16}}'],
    ['tests/cassette.yaml', '      X-Request-Id: [{{uuid}}]\n      X-Amz-Cf-Id: [{{base64url:56}}]'],
    ['service.log', '2024-01-01 token=*** key=<redacted> sha={{hex:40}} trace_id={{hex:32}} span_id={{hex:16}}'],
    ['index.html', '<meta name="csrf-token" content="{{alnum:40}}">\n<input type="password" autocomplete="new-password2">'],
    ['index.html', '<input type="hidden" name="__RequestVerificationToken" value="{{alnum:92}}" />'],
    ['index.html', '<input name="authenticity_token" value="{{base64:86}}==" type="hidden">'],
    ['Info.plist', '<key>SUPublicEDKey</key><string>{{base64:43}}=</string>'],
    ['README.md', '[![cover](https://codecov.io/gh/acme/app/badge.svg?token={{alnum:10}})](https://codecov.io)'],
    ['mysql/const.go', 'AUTH_CACHING_SHA2_PASSWORD = "caching_sha2_password"'],
    ['crypto_test.go', 'salt := "{{hex:32}}"\niv := "{{hex:32}}"\nconst testPublicKey = "{{hex:64}}"'],
    ['ingress.yaml', 'nginx.ingress.kubernetes.io/auth-secret: basic-auth-2\nsecretName: tls-acme-{{hex:6}}'],
    ['firestore.rules', 'match /tokens/{token} { allow read: if request.auth.token.admin == true && resource.data.key == "v2key1"; }'],
    [
      'replay.json',
      '{"verification":{"verified":true,"signature":"-----BEGIN PGP SIGNATURE-----\\n\\nws{{base64:60}}\\n{{base64:64}}\\n"}}',
    ],
    ['src/app.ts', "const policy = { password: '(a|b)[0-9]{4}X+', token: '%5$s-%3$02X', secret: '^[A-Z]{3}-[0-9]{4}$' };"],
    ['src/app.c', 'password = (0x5AEAA55A);\nkey = "\\x7e\\x59\\xa3\\xd7#!";'],
    ['src/app.ts', "const key = 'A[1]+B[2]*(C^3)'; const token = 't(n[3].Q)(e)';"],
    ['src/app.java', 'String secretKey = "org.acme.crypto.provider.AcmeKeyProvider";'],
    ['proto.proto', 'message Auth { string password = 1; string api_key = 2; bytes secret_key = 10; }'],
  ])('%s: %s', (path, text) => {
    expect(reported(path, text)).toEqual([]);
  });
});
