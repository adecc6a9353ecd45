import type {AnyObject} from '../servers/api.ts'
import type {Ground} from './ground.ts'

/** Creates a node with an ExternalIP in each cluster: the address of its NodePort gateways. Returns a function that removes them. */
export async function addNodes({namespace, clusters}: Ground): Promise<() => Promise<void>> {
  const node = {apiVersion: 'v1', kind: 'Node', metadata: {name: namespace}}
  const addresses = [{type: 'ExternalIP', address: '198.51.100.7'}]
  for (const {api} of clusters) {
    await api.apply(node)
    await api.apply({...node, status: {addresses}} as AnyObject, 'status')
  }
  return async () => {
    for (const {api} of clusters) await api.delete(`/api/v1/nodes/${namespace}`)
  }
}
