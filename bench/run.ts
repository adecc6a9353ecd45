/**
 * `npm run bench` measures the claims about speed and memory, as ratios within one run, and prints a table. `--quick` is a
 * smoke test with few rounds and objects, whose numbers are not significant. `--write` writes the table to bench/README.md.
 * The exit code is 1 if a claim is not met.
 */
import {readFileSync, writeFileSync} from 'node:fs'
import {availableParallelism} from 'node:os'
import {join} from 'node:path'
import {formatClaims, isMet} from './claim.ts'
import {executableClaims} from './executable.ts'
import {fleetClaims, kubectlVersion} from './fleet.ts'
import {growthClaims, growthSizes} from './growth.ts'
import {startupClaims} from './startup.ts'

const quick = process.argv.includes('--quick')
const starts = quick ? {warmUps: 1, counted: 3} : {warmUps: 3, counted: 41}
const startup = await startupClaims(starts)
const executable = await executableClaims(starts)
const fleet = await fleetClaims(quick ? 50 : 1000, quick ? {warmUps: 0, counted: 1} : {warmUps: 1, counted: 5})
const growth = await (quick ? growthClaims([2, 4, 8], 4) : growthClaims(growthSizes.bundled, growthSizes.perPeer))
const claims = [...startup, ...(executable ?? []), ...(fleet ?? []), ...growth]

const table = formatClaims(claims)
process.stdout.write(`${table}\n`)
if (!fleet) process.stdout.write('\nThe comparison with kubectl was skipped: no API server is available.\n')
if (!executable)
  process.stdout.write('\nThe executable was skipped: the test lab has no istioctl (test/lab/build.sh tools).\n')
if (process.argv.includes('--write')) writeReadme()
if (!quick && !claims.every(isMet)) process.exitCode = 1

function writeReadme(): void {
  const file = join(import.meta.dirname, 'README.md')
  const [before, , after] = readFileSync(file, 'utf8').split(/(?<=<!-- results -->)|(?=<!-- end -->)/)
  const versions = `Node.js ${process.versions.node}, kubectl ${kubectlVersion()}, ${availableParallelism()} processors.`
  writeFileSync(file, `${before}\n\n${versions}\n\n${table}\n\n${after}`)
}
