import {execFileSync} from 'node:child_process'
import {fileURLToPath} from 'node:url'

/** Builds the bundle, which the tests of this folder run. */
export default function build(): void {
  execFileSync(process.execPath, [fileURLToPath(new URL('../../scripts/build.ts', import.meta.url))], {
    stdio: 'inherit',
  })
}
