/**
 * Every syntax in which people give a name a secret, one line a case: the value is found whole, by whatever rule, at the default confidence. Values
 * come from a seed. What stands in a name of code (`config.key`) or a template is no case of this table (known-non-secrets.test.ts).
 */
import { describe, expect, it } from 'vitest';
import { fillExample } from '../../src/ruleset/examples.ts';
import { isReported, makeScanners, scanText } from './rules-scanner.ts';

const { usual } = makeScanners();

const VALUE = fillExample('{{alnum:22}}', 'syntaxes');
const BASE64 = Buffer.from(`svc:${VALUE}`).toString('base64');
const KEY = fillExample('{{pem:RSA PRIVATE KEY:600}}', 'syntaxes').replaceAll('\n', '\\n');

/** File, text. `VALUE`, `BASE64` and `KEY` stand for the value. */
const CASES: readonly (readonly [string, string])[] = [
  // C and its kin
  ['a.c', 'static const char *db_password = "VALUE";'],
  ['a.c', 'char password[] = "VALUE";'],
  ['a.c', '#define DB_PASSWORD "VALUE"'],
  ['a.cpp', 'std::string apiKey{"VALUE"};'],
  ['a.cpp', 'const auto secretKey = std::string("VALUE");'],
  ['a.cs', 'private const string ApiKey = "VALUE";'],
  ['a.cs', 'var options = new Options { ClientSecret = "VALUE" };'],
  ['a.cs', 'string password = @"VALUE";'],
  ['a.java', 'private static final String API_KEY = "VALUE";'],
  ['a.java', 'props.setProperty("db.password", "VALUE");'],
  ['a.java', '@Value("${api.key:VALUE}") String apiKey;'],
  ['a.m', 'NSString *apiKey = @"VALUE";'],
  ['a.m', '[client setPassword:@"VALUE"];'],
  ['a.d', 'enum apiToken = "VALUE";'],
  // Scripts
  ['a.js', "const apiKey = 'VALUE';"],
  ['a.js', 'const client = create({ accessToken: `VALUE` });'],
  ['a.js', 'process.env.API_TOKEN = "VALUE"'],
  ['a.js', 'const secret = process.env.SECRET || "VALUE";'],
  ['a.ts', 'readonly clientSecret: string = "VALUE";'],
  ['a.ts', "private apiKey?: string = 'VALUE'"],
  ['a.py', "PASSWORD = 'VALUE'"],
  ['a.py', 'def connect(password: str = "VALUE"):'],
  ['a.py', 'client = Client(api_key="VALUE")'],
  ['a.py', "config['secret_key'] = b'VALUE'"],
  ['a.py', 'os.environ["API_TOKEN"] = "VALUE"'],
  ['a.py', 'token = os.getenv("API_TOKEN", "VALUE")'],
  ['a.py', "if password == 'VALUE':"],
  ['a.rb', "{ :api_key => 'VALUE' }"],
  ['a.rb', "password: 'VALUE',"],
  ['a.rb', 'API_KEY ||= "VALUE"'],
  ['a.php', "define('DB_PASSWORD', 'VALUE');"],
  ['a.php', "$config['api_key'] = 'VALUE';"],
  ['a.php', "'secret' => env('APP_SECRET', 'VALUE'),"],
  ['a.pl', "my $password = 'VALUE';"],
  ['a.pl', 'my %opts = (password => "VALUE");'],
  ['a.lua', 'local api_key = "VALUE"'],
  ['a.lua', 'config["secret_key"] = [[VALUE]]'],
  ['a.r', 'api_key <- "VALUE"'],
  ['a.r', 'Sys.setenv(API_TOKEN = "VALUE")'],
  ['a.jl', 'const api_key = "VALUE"'],
  ['a.coffee', "apiKey: 'VALUE'"],
  ['a.groovy', "def apiToken = 'VALUE'"],
  ['a.ps1', '$password = ConvertTo-SecureString "VALUE" -AsPlainText -Force'],
  ['a.ps1', '$env:API_KEY = "VALUE"'],
  // Compiled ones
  ['a.go', 'apiKey := "VALUE"'],
  ['a.go', 'const secretKey = `VALUE`'],
  ['a.go', 'cfg := Config{Password: "VALUE"}'],
  ['a.go', 'os.Setenv("API_TOKEN", "VALUE")'],
  ['a.rs', 'let api_key: &str = "VALUE";'],
  ['a.rs', 'const SECRET_KEY: &str = "VALUE";'],
  ['a.swift', 'let apiKey = "VALUE"'],
  ['a.swift', 'var password: String? = "VALUE"'],
  ['a.kt', 'val apiKey: String = "VALUE"'],
  ['a.kt', 'const val CLIENT_SECRET = "VALUE"'],
  ['a.scala', 'val secretKey = "VALUE"'],
  ['a.dart', "static const String apiKey = 'VALUE';"],
  ['a.ex', 'config :app, secret_key: "VALUE"'],
  ['a.erl', '{password, "VALUE"}.'],
  ['a.hs', 'apiKey = "VALUE"'],
  ['a.clj', '(def api-key "VALUE")'],
  ['a.clj', '{:api-key "VALUE"}'],
  ['a.elm', 'apiKey = "VALUE"'],
  ['a.fs', 'let apiKey = "VALUE"'],
  ['a.vb', 'Dim password As String = "VALUE"'],
  ['a.asp', 'password = "VALUE"'],
  ['a.vbs', 'Const API_KEY = "VALUE"'],
  ['a.pas', "Password := 'VALUE';"],
  ['a.sol', 'string constant apiKey = "VALUE";'],
  ['a.cls', "String apiKey = 'VALUE';"],
  // Databases
  ['a.sql', "CREATE USER svc WITH PASSWORD 'VALUE';"],
  ['a.sql', 'CREATE USER svc IDENTIFIED BY "VALUE";'],
  ['a.sql', "ALTER USER 'svc'@'%' IDENTIFIED BY 'VALUE';"],
  ['a.sql', "ALTER LOGIN svc WITH PASSWORD = N'VALUE';"],
  // Settings
  ['.env', 'API_KEY=VALUE'],
  ['.env', 'export DB_PASSWORD="VALUE"'],
  ['a.ini', '[db]\npassword = VALUE'],
  ['a.properties', 'spring.datasource.password=VALUE'],
  ['a.toml', 'api_key = "VALUE"'],
  ['a.yml', 'password: VALUE'],
  ['a.yml', 'password: "VALUE"'],
  ['a.yml', "api_key: 'VALUE' # of the service"],
  ['a.yml', 'password: >-\n  VALUE\n'],
  ['a.yml', 'env:\n  - name: API_TOKEN\n    value: "VALUE"'],
  ['a.json', '{"clientSecret": "VALUE"}'],
  ['a.json', '{"name": "API_TOKEN", "value": "VALUE"}'],
  ['a.json5', "{ apiKey: 'VALUE', }"],
  ['a.ipynb', '{"source": ["api_key = \\"VALUE\\"\\n"]}'],
  ['a.xml', '<password>VALUE</password>'],
  ['a.xml', '<add key="ApiKey" value="VALUE" />'],
  ['a.xml', '<user name="svc" password="VALUE"/>'],
  ['a.xml', '<string name="api_key">VALUE</string>'],
  ['a.xml', '<property name="db.password">VALUE</property>'],
  ['web.xml', '<param-name>db.password</param-name>\n<param-value>VALUE</param-value>'],
  ['Info.plist', '<key>ApiKey</key>\n<string>VALUE</string>'],
  ['a.config', '<setting name="ClientSecret"><value>VALUE</value></setting>'],
  ['a.tf', 'password = "VALUE"'],
  ['a.tf', 'variable "db_password" {\n  default = "VALUE"\n}'],
  ['a.hcl', 'secret_key = "VALUE"'],
  ['a.conf', 'requirepass VALUE'],
  ['a.cfg', 'admin_password: VALUE'],
  ['a.nix', 'password = "VALUE";'],
  ['a.cmake', 'set(API_KEY "VALUE")'],
  ['Makefile', 'API_KEY := VALUE'],
  ['a.gradle', 'storePassword "VALUE"'],
  ['a.gradle', "credentials { username = 'svc'; password = 'VALUE' }"],
  // Containers, clusters, pipelines
  ['Dockerfile', 'ENV DB_PASSWORD=VALUE'],
  ['Dockerfile', 'ENV DB_PASSWORD VALUE'],
  ['Dockerfile', 'ARG API_TOKEN="VALUE"'],
  ['docker-compose.yml', '    environment:\n      - POSTGRES_PASSWORD=VALUE'],
  ['docker-compose.yml', '      - "API_KEY=VALUE"'],
  ['a.yaml', 'kind: Secret\nstringData:\n  password: VALUE\n'],
  ['a.yaml', 'kind: Secret\ndata:\n  auth: BASE64\n'],
  ['credentials.xml', '<password>VALUE</password>\n<id>deploy</id>'],
  ['Jenkinsfile', "environment { API_TOKEN = 'VALUE' }"],
  ['.gitlab-ci.yml', 'variables:\n  API_TOKEN: "VALUE"'],
  // Shells and commands
  ['a.sh', 'export API_TOKEN=VALUE'],
  ['a.sh', 'PASSWORD="${PASSWORD:-VALUE}"'],
  ['a.sh', 'declare -r DB_PASSWORD="VALUE"'],
  ['a.fish', 'set -x API_TOKEN VALUE'],
  ['a.bat', 'set API_KEY=VALUE'],
  ['a.bat', 'setx DB_PASSWORD "VALUE"'],
  ['a.sh', 'curl -u svc:VALUE https://api.acme.io'],
  ['a.sh', 'curl -H "Authorization: Bearer BASE64" https://api.acme.io'],
  ['a.sh', 'curl -H "X-Api-Key: VALUE" https://api.acme.io'],
  ['a.sh', 'mysql -u svc -pVALUE app'],
  ['a.sh', 'deploy --password VALUE --force'],
  ['a.sh', 'deploy --api-key=VALUE'],
  ['a.txt', 'Authorization: Basic BASE64'],
  // Addresses
  ['a.py', 'url = "https://svc:VALUE@acme.io/app.git"'],
  ['.env', 'DATABASE_URL=postgres://svc:VALUE@db.acme.io/app'],
  ['a.json', '"Default": "Server=db;Database=app;User Id=svc;Password=VALUE;"'],
  ['a.properties', 'url=jdbc:postgresql://db/app?user=svc&password=VALUE'],
  ['.netrc', 'machine acme.io login svc password VALUE'],
  ['a.txt', 'https://api.acme.io/v1?api_key=VALUE&page=1'],
  ['.npmrc', '//registry.acme.io/:_password=BASE64'],
  // Android, Gradle, Markdown, logs with colours
  ['AndroidManifest.xml', '<meta-data android:name="com.acme.API_KEY" android:value="VALUE" />'],
  ['build.gradle', 'buildConfigField "String", "API_KEY", "\\"VALUE\\""'],
  ['build.gradle.kts', 'buildConfigField("String", "API_KEY", "\\"VALUE\\"")'],
  ['README.md', '**Password:** VALUE'],
  ['README.md', '- **API Key**: VALUE'],
  ['ci.log', '\x1b[1mDB_PASSWORD\x1b[0m: \x1b[32mVALUE\x1b[0m'],
  // Keys with escaped line ends
  ['a.json', '{"private_key": "-----BEGIN RSA PRIVATE KEY-----\\nKEY\\n-----END RSA PRIVATE KEY-----\\n"}'],
  ['.env', 'PRIVATE_KEY="-----BEGIN RSA PRIVATE KEY-----\\nKEY\\n-----END RSA PRIVATE KEY-----"'],
];

describe('assignments in every syntax', () => {
  it.each(CASES)('%s: %s', (path, text) => {
    const [wanted, filled] = fill(text);
    const found = scanText(usual, path, filled).filter(isReported);
    expect(found.map(({ secret }) => secret.includes(wanted))).toContain(true);
  });
});

function fill(text: string): [string, string] {
  const wanted = text.includes('KEY\\n-----END') ? KEY.slice(0, 40) : text.includes('BASE64') ? BASE64 : VALUE;
  const withKey = text.replace('\\nKEY\\n', () => `\\n${KEY}\\n`);
  return [wanted, withKey.replaceAll('BASE64', () => BASE64).replaceAll('VALUE', () => VALUE)];
}
