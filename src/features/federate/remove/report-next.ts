import {flagsFor} from '../../../spec/read.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {federationStatusFields} from '../status/spec.ts'
import type {FederationRemove} from './spec.ts'

/**
 * Returns the command that checks the mesh after clusters have left it. None if no cluster stays.
 *
 * @param connection flags that select the user and the kubeconfig, quoted; '' for none
 */
export function stepsAfterRemoval(
  {
    from,
    clusterName,
    systemNamespace,
    revision,
  }: Pick<FederationRemove, 'from' | 'clusterName' | 'systemNamespace' | 'revision'>,
  connection: string,
): string[] {
  if (from.length === 0) return []
  const names = Object.entries(clusterName).filter(([context]) => from.includes(context))
  const staying = {contexts: from, clusterName: Object.fromEntries(names), network: {}, systemNamespace, revision}
  const verb = from.length === 1 ? 'status' : 'verify'
  const words = flagsFor(federationStatusFields, staying).map(shellWord)
  return [[`kubectl mesh federate ${verb}`, ...words, ...(connection === '' ? [] : [connection])].join(' ')]
}
