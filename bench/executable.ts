import {execFileSync} from 'node:child_process'
import {existsSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {archiveName, thisPlatform} from '../scripts/release/platforms.ts'
import {type Claim, formatTime} from './claim.ts'
import {measure, type Rounds} from './measure.ts'

const root = join(import.meta.dirname, '..')

/**
 * Compares the start of the executable without Node.js with the same program on Node.js, and with istioctl. Builds the executable.
 *
 * @returns undefined if there is no executable for this platform, or the test lab has no istioctl
 */
export async function executableClaims(rounds: Rounds): Promise<Claim[] | undefined> {
  const cache = execFileSync(join(root, 'test/lab/build.sh'), ['where'], {encoding: 'utf8'}).trim()
  const istioctl = process.env.ISTIOCTL ?? join(cache, 'bin/istioctl')
  if (!thisPlatform || !existsSync(istioctl)) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-mesh-bench-'))
  try {
    const release = ['--platform', `${thisPlatform.os}-${thisPlatform.arch}`, '--into', join(folder, 'release')]
    const stdio = ['ignore', 'ignore', 'inherit'] as ['ignore', 'ignore', 'inherit']
    execFileSync(process.execPath, [join(root, 'scripts/release/release.ts'), ...release], {cwd: root, stdio})
    execFileSync('tar', ['-xzf', join(folder, 'release', archiveName(thisPlatform)), '-C', folder, 'kubectl-mesh'])
    const env = {TMPDIR: folder}
    const times = await measure(
      {
        executable: {argv: [join(folder, 'kubectl-mesh'), '--help'], env},
        node: {argv: [process.execPath, join(root, 'bin/run.js'), '--help'], env},
        istioctl: {argv: [istioctl, 'version', '--remote=false'], env},
      },
      rounds,
    )
    const what = '`--help` of the executable'
    const ours = formatTime(times.executable)
    return [
      {...{what, ours, theirs: `on Node.js: ${formatTime(times.node)}`}, ...ratio(times.executable / times.node, 1.2)},
      {
        ...{what, ours, theirs: `\`istioctl version --remote=false\`: ${formatTime(times.istioctl)}`},
        ...ratio(times.executable / times.istioctl, 1.25),
      },
    ]
  } finally {
    rmSync(folder, {recursive: true})
  }
}

function ratio(value: number, bound: number): Pick<Claim, 'value' | 'bound' | 'is' | 'unit'> {
  return {value, bound, is: 'at most', unit: '×'}
}
