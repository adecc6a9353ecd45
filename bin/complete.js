#!/usr/bin/env node
// kubectl runs this for `kubectl mesh …<TAB>`. It ignores exit codes and prints stderr to the terminal, so an error is
// reported as the answer `:1`, which means no completion. There is no compile cache, which would cost more than it saves.
import('../dist/complete.js').then(
  ({complete}) => complete(process.argv.slice(2), {root: new URL('..', import.meta.url)}),
  () => process.stdout.write(':1\n'),
)
