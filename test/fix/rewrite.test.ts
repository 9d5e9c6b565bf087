/** What `fix` writes, language by language: the line as it was, with VALUE for the secret, and the line as it is. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is what the rewritten lines say
import { describe, expect, it } from 'vitest';
import { applyEdits, rewriteValue } from '../../src/fix/rewrite.ts';

const VALUE = 'q7Wm2Zx9Lp4Tn8Rk';

function rewritten(path: string, before: string): { text: string; notes: readonly string[] } | string {
  const text = before.replace('VALUE', VALUE);
  const start = text.indexOf(VALUE);
  const result = rewriteValue(path, text, { start, end: start + VALUE.length }, 'API_KEY');
  return 'refused' in result ? result.refused : { text: applyEdits(text, result.edits), notes: result.notes };
}

const REWRITTEN: readonly (readonly [path: string, before: string, after: string])[] = [
  ['a.js', "const key = 'VALUE';\n", 'const key = process.env.API_KEY;\n'],
  ['a.mjs', 'const url = `https://u:VALUE@h/`;\n', 'const url = `https://u:${process.env.API_KEY}@h/`;\n'],
  ['a.js', 'const url = "https://u:VALUE@h/";\n', 'const url = "https://u:" + process.env.API_KEY + "@h/";\n'],
  ['a.js', 'f("Bearer VALUE".length);\n', 'f(("Bearer " + process.env.API_KEY).length);\n'],
  ['a.js', 'const bad = /["\']/; const key = "VALUE";\n', 'const bad = /["\']/; const key = process.env.API_KEY;\n'],
  ['a.js', "// don't\nconst key = 'VALUE';\n", "// don't\nconst key = process.env.API_KEY;\n"],
  ['a.js', '// the key is VALUE\n', '// the key is <API_KEY>\n'],
  ['a.js', 'const a = `${f("VALUE")}`;\n', 'const a = `${f(process.env.API_KEY)}`;\n'],
  ['a.jsx', 'const a = <Map token="VALUE" />;\n', 'const a = <Map token={process.env.API_KEY} />;\n'],
  ['a.tsx', 'const a = <Map id="x"\n  token="VALUE" />;\n', 'const a = <Map id="x"\n  token={process.env.API_KEY!} />;\n'],
  ['a.ts', "const key: string = 'VALUE';\n", 'const key: string = process.env.API_KEY!;\n'],
  ['a.py', 'key = "VALUE"\n', 'import os\nkey = os.environ["API_KEY"]\n'],
  ['a.py', 'import os\nkey = f"token {user} VALUE"\n', 'import os\nkey = f"token {user} " + os.environ["API_KEY"]\n'],
  ['a.py', "key = b'VALUE'\nimport os\n", 'key = os.environb[b"API_KEY"]\nimport os\n'],
  [
    'a.py',
    '#!/usr/bin/env python3\n"""Doc\'s text."""\nfrom __future__ import annotations\nimport sys\nkey = "VALUE"\n',
    '#!/usr/bin/env python3\n"""Doc\'s text."""\nfrom __future__ import annotations\nimport os\nimport sys\nkey = os.environ["API_KEY"]\n',
  ],
  ['a.py', '"""Doc."""\nkey = "VALUE"\n', '"""Doc."""\nimport os\nkey = os.environ["API_KEY"]\n'],
  ['a.rb', 'key = "VALUE"\n', 'key = ENV.fetch("API_KEY")\n'],
  ['a.rb', 'url = "https://u:VALUE@h"\n', 'url = "https://u:#{ENV.fetch("API_KEY")}@h"\n'],
  ['a.php', "<?php $key = 'VALUE';\n", "<?php $key = getenv('API_KEY');\n"],
  ['a.php', '<?php $url = "https://u:VALUE@h";\n', '<?php $url = "https://u:" . getenv(\'API_KEY\') . "@h";\n'],
  [
    'a.go',
    'package main\n\nimport (\n\t"fmt"\n\t"strings"\n)\n\nconst key = "VALUE"\n',
    'package main\n\nimport (\n\t"fmt"\n\t"os"\n\t"strings"\n)\n\nvar key = os.Getenv("API_KEY")\n',
  ],
  ['a.go', 'package a\n\nvar key = `VALUE`\n', 'package a\n\nimport "os"\n\nvar key = os.Getenv("API_KEY")\n'],
  [
    'a.go',
    'package a\n\nimport "fmt"\n\nvar key = "VALUE"\n',
    'package a\n\nimport "fmt"\nimport "os"\n\nvar key = os.Getenv("API_KEY")\n',
  ],
  ['A.java', 'static final String KEY = "VALUE";\n', 'static final String KEY = System.getenv("API_KEY");\n'],
  [
    'A.java',
    'char q = \'"\'; String url = "jdbc:x?p=VALUE&q";\n',
    'char q = \'"\'; String url = "jdbc:x?p=" + System.getenv("API_KEY") + "&q";\n',
  ],
  ['a.kt', 'const val KEY = "VALUE"\n', 'val KEY = System.getenv("API_KEY")\n'],
  [
    'a.cs',
    'private const string Key = "VALUE";\n',
    'private static readonly string Key = System.Environment.GetEnvironmentVariable("API_KEY");\n',
  ],
  ['a.cs', 'var s = @"a ""b"" VALUE";\n', 'var s = @"a ""b"" " + System.Environment.GetEnvironmentVariable("API_KEY");\n'],
  ['a.rs', 'let key = "VALUE";\n', 'let key = &std::env::var("API_KEY").expect("API_KEY is not set");\n'],
  ['a.rs', 'let key = "VALUE".to_string();\n', 'let key = std::env::var("API_KEY").expect("API_KEY is not set").to_string();\n'],
  [
    'a.rs',
    'fn f<\'a>() { g("{u}:VALUE@h"); }\n',
    'fn f<\'a>() { g(&format!("{{u}}:{}@h", std::env::var("API_KEY").expect("API_KEY is not set"))); }\n',
  ],
  [
    'a.c',
    '#include <stdio.h>\nint main(void) {\n  const char *key = "VALUE";\n}\n',
    '#include <stdlib.h>\n#include <stdio.h>\nint main(void) {\n  const char *key = getenv("API_KEY");\n}\n',
  ],
  ['a.cpp', 'std::string key = "VALUE";\n', '#include <cstdlib>\nstd::string key = std::getenv("API_KEY");\n'],
  ['a.swift', 'import UIKit\nlet key = "VALUE"\n', 'import UIKit\nlet key = ProcessInfo.processInfo.environment["API_KEY"]!\n'],
  ['a.scala', 'val key = "VALUE"\n', 'val key = sys.env("API_KEY")\n'],
  ['Jenkinsfile', "def key = 'VALUE'\n", "def key = System.getenv('API_KEY')\n"],
  ['a.pl', "my $key = 'VALUE';\n", 'my $key = $ENV{API_KEY};\n'],
  ['a.lua', 'local key = "u:VALUE"\n', 'local key = "u:" .. os.getenv("API_KEY")\n'],
  ['a.ex', 'key = "VALUE"\n', 'key = System.fetch_env!("API_KEY")\n'],
  ['a.R', 'key <- "VALUE"\n', 'key <- Sys.getenv("API_KEY")\n'],
  ['a.ps1', '$key = "VALUE"\n', '$key = $env:API_KEY\n'],
  ['a.ps1', '$h = "Bearer VALUE"\n', '$h = "Bearer $($env:API_KEY)"\n'],
  ['a.sh', 'export API_KEY=VALUE\n', 'export API_KEY="${API_KEY:?}"\n'],
  ['a.sh', "export API_KEY='VALUE'\n", 'export API_KEY="${API_KEY:?}"\n'],
  ['a.sh', 'curl -H "Authorization: Bearer VALUE" x\n', 'curl -H "Authorization: Bearer ${API_KEY:?}" x\n'],
  ['a.sh', "curl -H 'Authorization: Bearer VALUE' x\n", "curl -H 'Authorization: Bearer '\"${API_KEY:?}\"'' x\n"],
  ['a.sh', 'curl -u me:VALUE x\n', 'curl -u me:${API_KEY:?} x\n'],
  ['deploy', '#!/usr/bin/env bash\nKEY="VALUE"\n', '#!/usr/bin/env bash\nKEY="${API_KEY:?}"\n'],
  ['.env', 'API_KEY=VALUE\n', 'API_KEY=\n'],
  ['Dockerfile', 'FROM x\nENV API_KEY=VALUE\nRUN y\n', 'FROM x\n# API_KEY is set where the container runs (--env-file)\nRUN y\n'],
  [
    'a.tf',
    'resource "a" "b" {\n  token = "VALUE"\n}\n',
    'resource "a" "b" {\n  token = var.api_key\n}\n\nvariable "api_key" {\n  type      = string\n  sensitive = true\n}\n',
  ],
  ['a.tf', 'x = "u:VALUE@h"\nvariable "api_key" {}\n', 'x = "u:${var.api_key}@h"\nvariable "api_key" {}\n'],
  ['prod.tfvars', 'db_password = "VALUE"\n', '# set in the environment: TF_VAR_db_password\n'],
  ['.github/workflows/ci.yml', 'env:\n  API_KEY: VALUE\n', 'env:\n  API_KEY: ${{ secrets.API_KEY }}\n'],
  ['docker-compose.yml', 'environment:\n  API_KEY: VALUE\n', 'environment:\n  API_KEY: ${API_KEY:?}\n'],
  ['application.yml', 'key: "VALUE"\n', 'key: "${API_KEY}"\n'],
  ['a.yaml', 'a: { key: VALUE }\n', 'a: { key: "${API_KEY}" }\n'],
  [
    'pod.yaml',
    'apiVersion: v1\nkind: Pod\nspec:\n  env:\n    - name: K\n      value: VALUE\n',
    'apiVersion: v1\nkind: Pod\nspec:\n  env:\n    - name: K\n      valueFrom:\n        secretKeyRef:\n          name: api-key\n          key: value\n',
  ],
  ['a.json', '{ "key": "VALUE" }\n', '{ "key": "${API_KEY}" }\n'],
  ['a.toml', 'key = "VALUE"\n', 'key = "${API_KEY}"\n'],
  ['a.properties', 'key=VALUE\n', 'key=${API_KEY}\n'],
  ['pom.xml', '<password>VALUE</password>\n', '<password>${env.API_KEY}</password>\n'],
  ['web.xml', '<a password="VALUE"/>\n', '<a password="${API_KEY}"/>\n'],
  ['README.md', 'Use `VALUE` to log in.\n', 'Use `<API_KEY>` to log in.\n'],
];

const REFUSED: readonly (readonly [path: string, before: string, why: RegExp])[] = [
  ['a.js', 'const a = { "VALUE": 1 };\n', /name of a property/],
  ['a.js', 'const a = VALUE;\n', /plain string/],
  ['a.go', 'package a\n\nconst (\n\tkey = "VALUE"\n)\n', /var block/],
  ['A.java', '@Value("VALUE")\n', /constant of the compiler/],
  ['a.cs', '[Key("VALUE")]\n', /constant of the compiler/],
  ['a.php', "<?php class A {\n  private $key = 'VALUE';\n}\n", /constructor/],
  ['a.rs', 'const KEY: &str = "VALUE";\n', /LazyLock/],
  ['a.c', 'char key[] = "VALUE";\n', /pointer/],
  ['a.c', 'static const char *key = "VALUE";\n', /outside of functions/],
  ['a.c', 'int f(void) {\n  g("u:VALUE");\n}\n', /cannot be joined/],
  ['Dockerfile', 'RUN curl -u x:VALUE y\n', /--mount=type=secret/],
  ['secret.yaml', 'apiVersion: v1\nkind: Secret\nstringData:\n  k: VALUE\n', /Secret does not belong into git/],
  ['a.bin', 'VALUE and more text that is no secret', /not known/],
  ['a.vue', '<template>VALUE</template>', /not known/],
];

describe('rewriting', () => {
  it.each(REWRITTEN)('%s: %j', (path, before, after) => {
    const result = rewritten(path, before);
    expect(result).toMatchObject({ text: after });
    expect(JSON.stringify(result)).not.toContain(VALUE);
  });

  it('keeps line ends of Windows', () => {
    expect(rewritten('a.py', 'import sys\r\nkey = "VALUE"\r\n')).toMatchObject({
      text: 'import os\r\nimport sys\r\nkey = os.environ["API_KEY"]\r\n',
    });
  });
});

describe('refusing', () => {
  it.each(REFUSED)('%s: %j', (path, before, why) => {
    expect(rewritten(path, before)).toMatch(why);
  });

  it('does not take a key file for text', () => {
    const lines = ['-----BEGIN X-----', VALUE.repeat(4), '-----END X-----'].join('\n');
    expect(rewriteValue('id.pem', `${lines}\n`, { start: 0, end: lines.length }, 'KEY')).toMatchObject({
      refused: expect.stringMatching(/the file is the secret itself/),
    });
  });
});
