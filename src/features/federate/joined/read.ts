import {type ServerAuthority, serverAuthority, tryServer} from '../../../mesh/credentials/read-authority.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {accessIn} from '../../../mesh/remote-kubeconfig.ts'
import {credentialsIn} from '../../../mesh/remote-secrets.ts'
import type {RejectedServer} from '../preflight/subject.ts'

/**
 * Chooses the certificate authorities for the API servers of clusters, as remote Secrets will contain them. Makes TLS
 * handshakes with servers whose certificate this machine has not verified yet.
 *
 * @returns by cluster
 */
export async function readAuthorities(all: readonly MeshMember[]): Promise<ReadonlyMap<string, ServerAuthority>> {
  const chosen = await Promise.all(
    all.map(async ({cluster, server, facts}) =>
      facts && server !== undefined
        ? ([cluster, await serverAuthority({server, facts}, undefined)] as const)
        : undefined,
    ),
  )
  return new Map(chosen.filter(entry => entry !== undefined))
}

/**
 * Returns the remote Secrets of clusters for each other whose certificate authority does not verify the server, as far as
 * this machine reaches it. No token is sent.
 *
 * Threat: whoever can write Secrets in the system namespace chooses the server. Only the known API servers of the clusters
 * are connected to.
 */
export async function readRejectedServers(all: readonly MeshMember[]): Promise<RejectedServer[]> {
  const held = all.flatMap(holder =>
    (holder.facts && holder.primary === undefined ? credentialsIn(holder.facts) : []).flatMap(found => {
      const target = all.find(({cluster}) => cluster === found.target)
      const access = accessIn(found.kubeconfig)
      return target?.facts && access?.server !== undefined && access.server === target.server
        ? [{holder, target, secret: found.secret.metadata.name, server: access.server, authority: access.authority}]
        : []
    }),
  )
  const tried = await Promise.all(
    held.map(async ({holder, target, secret, server, authority}): Promise<RejectedServer | undefined> => {
      const trial = await tryServer(server, authority, target.facts!.cluster.tlsServerName)
      if (trial.state !== 'rejected') return undefined
      return {holder: holder.cluster, target: target.cluster, secret, server, error: trial.error}
    }),
  )
  return tried.filter(one => one !== undefined)
}
