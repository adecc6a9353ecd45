#!/usr/bin/env node
// kubectl runs this for `kubectl mesh …<TAB>`. It takes `:1` for no answer, ignores exit codes and shows stderr, so
// whatever goes wrong is an answer. No compile cache: the code is so small that the cache costs as much as it saves.
import('../dist/complete.js').then(
  ({complete}) => complete(process.argv.slice(2), {root: new URL('..', import.meta.url)}),
  () => process.stdout.write(':1\n'),
)
