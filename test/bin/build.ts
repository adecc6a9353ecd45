import {execFileSync} from 'node:child_process'
import {fileURLToPath} from 'node:url'

/** The tests of this folder start what users start: the built bundle. */
export default function build(): void {
  execFileSync(process.execPath, [fileURLToPath(new URL('../../scripts/build.ts', import.meta.url))], {
    stdio: 'inherit',
  })
}
