/**
 * The configuration that `init` begins a repository with. Every setting in it is a comment: leakwarden needs no configuration, and a file that changes nothing
 * takes nothing away from any report. docs/configuration.md says all that can stand in it.
 */
export const STARTER_CONFIG = `# leakwarden: finds credentials that leaked into source code.
# Nothing here has to be set. Below are the settings that projects want first; docs/configuration.md has all of them.

[scan]
# exclude = ["vendor", "*.min.js"]        # not read at all
# min-confidence = "medium"               # high | medium | low (an audit: samples, identifiers too)

[rules]
# disable = ["generic-password"]          # leakwarden rules list
# files = ["leakwarden-rules.yml"]        # rules of your own

[report]
# fail-on = "any"                         # any | live | never: which findings make the exit code 1

# [[allow]]                               # scanned and counted, but listed as suppressed
# path = "test/fixtures/**"
# reason = "made-up credentials of the tests"
`;
