/**
 * `npm run bench`: measures what the project claims about speed and memory, as ratios within one run, and prints a table.
 * `--quick` is a smoke run with few rounds and objects: its figures mean nothing. `--write` puts the table into
 * bench/README.md. Ends with 1 when a claim is short.
 */
import {readFileSync, writeFileSync} from 'node:fs'
import {availableParallelism} from 'node:os'
import {join} from 'node:path'
import {formatClaims, isMet} from './claim.ts'
import {fleetClaims, kubectlVersion} from './fleet.ts'
import {startupClaims} from './startup.ts'

const quick = process.argv.includes('--quick')
const startup = await startupClaims(quick ? {warmUps: 1, counted: 3} : {warmUps: 3, counted: 41})
const fleet = await fleetClaims(quick ? 50 : 1000, quick ? {warmUps: 0, counted: 1} : {warmUps: 1, counted: 5})
const claims = [...startup, ...(fleet ?? [])]

const table = formatClaims(claims)
process.stdout.write(`${table}\n`)
if (!fleet) process.stdout.write('\nNot measured for want of an API server: what is compared with kubectl.\n')
if (process.argv.includes('--write')) writeReadme()
if (!quick && !claims.every(isMet)) process.exitCode = 1

function writeReadme(): void {
  const file = join(import.meta.dirname, 'README.md')
  const [before, , after] = readFileSync(file, 'utf8').split(/(?<=<!-- results -->)|(?=<!-- end -->)/)
  const versions = `Node.js ${process.versions.node}, kubectl ${kubectlVersion()}, ${availableParallelism()} processors.`
  writeFileSync(file, `${before}\n\n${versions}\n\n${table}\n\n${after}`)
}
