import {chmodSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'

/** The API version of credential plugins in these tests. */
export const apiVersion = 'client.authentication.k8s.io/v1'

/** A credential plugin that records each run. */
export interface Plugin {
  command: string
  /** Sets the status that the plugin prints from now on. */
  answer(status: object): void
  /** One line per run: the environment variables EXTRA and KUBERNETES_EXEC_INFO. */
  runs(): string[]
}

/** Creates a credential plugin in a folder. It keeps its record there in the file `runs`. */
export function createPlugin(folder: string): Plugin {
  const command = join(folder, 'plugin')
  const record = `printf '%s %s\\n' "$EXTRA" "$KUBERNETES_EXEC_INFO" >> '${folder}/runs'`
  writeFileSync(command, `#!/bin/sh\n${record}\ncat '${folder}/answer'\n`)
  chmodSync(command, 0o755)
  return {
    command,
    answer: status =>
      writeFileSync(join(folder, 'answer'), JSON.stringify({kind: 'ExecCredential', apiVersion, status})),
    runs: () => readFileSync(join(folder, 'runs'), 'utf8').trim().split('\n'),
  }
}
