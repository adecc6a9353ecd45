import {join} from 'node:path'
import type {Lab} from './lab.ts'
import type {Ran} from '../run.ts'

const program = process.env.MESH_TEST_PROGRAM ?? join(import.meta.dirname, '..', '..', '..', 'bin', 'run.js')

/** Runs our built program where the lab's clusters can be reached. Any exit code is an answer. */
export function mesh(lab: Lab, args: readonly string[]): Promise<Ran> {
  return lab.run([process.execPath, program, ...args])
}

/** As `mesh`, but gives stdout, and throws with all that was said when the exit code is not 0. */
export async function meshOk(lab: Lab, args: readonly string[]): Promise<string> {
  const {code, stdout, stderr} = await mesh(lab, args)
  if (code !== 0) throw new Error(`kubectl mesh ${args.join(' ')} ended with ${code}\n${stdout}\n${stderr}`)
  return stdout
}

/**
 * The flags that give each cluster's API server the address by which this machine's istiods reach it: in the lab that is a
 * loopback address, which has to be said.
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
