import {type ExitCode, exitCodes, MeshError} from '../../errors.ts'
import {defaultCaFolder} from '../../mesh/ca/create-root.ts'
import {readControlPlanes} from '../../mesh/read.ts'
import {requestToFolder} from '../../pki/folder/request-cluster.ts'
import {exitAfterChange} from '../../run/apply-plan.ts'
import {type Access, connect} from '../../run/run.ts'
import {nameOfCluster} from '../../run/where.ts'
import {failureOf} from '../../terminal/failure.ts'
import type {Terminal} from '../../terminal/output/terminal.ts'
import {shellWord} from '../../text/shell-word.ts'
import type {CaRequestSpec} from './spec-organization.ts'

/**
 * Creates a private key and a signing request for each cluster in the CA folder. Prints the file of each request to stdout.
 *
 * @throws MeshError for files that cannot be used (exit 2), and if a cluster has a CA, or a cluster of `--contexts` cannot be
 *   read (exit 3); after the first cluster, exit 4
 */
export async function requestCas(spec: CaRequestSpec, access: Access, terminal: Terminal): Promise<ExitCode> {
  const {systemNamespace, keyType, commonName, organization} = spec
  const folder = spec.dir ?? defaultCaFolder
  const named = await Promise.all(spec.contexts.map(context => nameFrom(spec, context, access)))
  const clusters = [...new Set([...spec.cluster, ...named])]
  let isChanged = false
  for (const [at, cluster] of clusters.entries()) {
    const request = {cluster, systemNamespace, keyType, commonName, organization}
    const {file, isNew} = await requestToFolder(folder, request).catch((error: unknown) => {
      throw at === 0 ? error : new MeshError(failureOf(error, undefined).problems, exitCodes.partly, error)
    })
    isChanged ||= isNew
    terminal.print(file)
    terminal.message(`${cluster}: ${isNew ? 'request created; the key stays in the folder' : 'request unchanged'}`)
  }
  terminal.message(
    `hint:  have each request signed as a CA, then run kubectl mesh ca import --dir ${shellWord(folder)} --cluster ${clusters[0]}=FILE --root-cert FILE`,
  )
  return isChanged ? exitAfterChange({terminal}) : exitCodes.ok
}

/** The name of a cluster in the mesh, as `federate` determines it. */
async function nameFrom(spec: CaRequestSpec, context: string, access: Access): Promise<string> {
  const chosen = spec.clusterName[context]
  if (chosen !== undefined) return chosen
  const controlPlanes = await readControlPlanes(await connect(access, context), spec.systemNamespace)
  return nameOfCluster(
    controlPlanes.find(({revision}) => revision === (spec.revision ?? 'default')),
    context,
  )
}
