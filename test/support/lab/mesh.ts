import {programWords} from '../ground/program.ts'
import type {Ran} from '../run.ts'
import type {Lab} from './lab.ts'

/** Runs the built program in the network of the lab. Resolves whatever the exit code. */
export function mesh(lab: Lab, args: readonly string[]): Promise<Ran> {
  return lab.run([...programWords, ...args])
}

/**
 * Runs the built program in the network of the lab, and returns its stdout.
 *
 * @throws Error with its output if the exit code is not 0
 */
export async function meshOk(lab: Lab, args: readonly string[]): Promise<string> {
  const {code, stdout, stderr} = await mesh(lab, args)
  if (code !== 0) throw new Error(`kubectl mesh ${args.join(' ')} exited with code ${code}\n${stdout}\n${stderr}`)
  return stdout
}

/**
 * `--server` for each cluster, with the address at which istiod reaches its API server. In the lab this is a loopback address,
 * which kubectl mesh accepts only with the flag.
 */
export async function serverFlags(lab: Lab): Promise<string[]> {
  const flags = await Promise.all(
    lab.clusters.map(async cluster => {
      const server = await lab.kubectl(cluster, [
        'config',
        'view',
        '--minify',
        '-o',
        'jsonpath={.clusters[0].cluster.server}',
      ])
      return ['--server', `${cluster}=${server}`]
    }),
  )
  return flags.flat()
}
