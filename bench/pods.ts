import type {AnyObject, Api} from '../test/support/servers/api.ts'

const perService = 10
const perNamespace = 500

/**
 * Adds pods to a cluster until it has `total`, ten to a Service, with the EndpointSlices that a controller would create.
 *
 * @param total a multiple of 10
 */
export async function addPods(api: Api, total: number): Promise<void> {
  const existing = await api.get<{items: AnyObject[]}>('/api/v1/pods')
  const first = existing!.items.length
  const namespaces = new Set(Array.from({length: total - first}, (_, at) => namespaceOf(first + at)))
  for (const name of namespaces)
    if (!(await api.get(`/api/v1/namespaces/${name}`)))
      await api.create({apiVersion: 'v1', kind: 'Namespace', metadata: {name}})
  const services = Array.from({length: (total - first) / perService}, (_, at) => first / perService + at)
  const next = services.values()
  await Promise.all(
    Array.from({length: 8}, async () => {
      for (const at of next) await addService(api, at)
    }),
  )
}

function namespaceOf(pod: number): string {
  return `capacity-${Math.floor(pod / perNamespace)}`
}

async function addService(api: Api, at: number): Promise<void> {
  const namespace = namespaceOf(at * perService)
  const name = `service-${at}`
  const labels = {app: name}
  await api.create({
    ...{apiVersion: 'v1', kind: 'Service', metadata: {name, namespace, labels}},
    spec: {selector: labels, ports: [{name: 'http', port: 8080}]},
  })
  const pods = Array.from({length: perService}, (_, index) => ({name: `${name}-${index}`, ip: ipOf(at, index)}))
  for (const pod of pods) await addPod(api, {...pod, namespace, labels})
  await api.create({
    ...{apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4'},
    metadata: {name, namespace, labels: {'kubernetes.io/service-name': name}},
    ports: [{name: 'http', port: 8080, protocol: 'TCP'}],
    endpoints: pods.map(pod => ({
      addresses: [pod.ip],
      conditions: {ready: true},
      nodeName: 'node',
      targetRef: {kind: 'Pod', name: pod.name, namespace},
    })),
  })
}

function ipOf(service: number, index: number): string {
  return `10.${Math.floor(service / 250)}.${service % 250}.${index + 1}`
}

/** A running pod with a sidecar, as far as istiod reads it. */
async function addPod(
  api: Api,
  {name, namespace, labels, ip}: {name: string; namespace: string; labels: Record<string, string>; ip: string},
): Promise<void> {
  const identity = {apiVersion: 'v1', kind: 'Pod', metadata: {name, namespace}}
  await api.create({
    ...identity,
    metadata: {
      ...identity.metadata,
      labels,
      annotations: {'sidecar.istio.io/status': '{"containers":["istio-proxy"]}'},
    },
    spec: {
      nodeName: 'node',
      containers: [
        {name: 'app', image: 'registry.test/app:1'},
        {name: 'istio-proxy', image: 'registry.test/proxyv2:1.31.0'},
      ],
    },
  })
  await api.apply(
    {
      ...identity,
      status: {phase: 'Running', podIP: ip, podIPs: [{ip}], conditions: [{type: 'Ready', status: 'True'}]},
    },
    'status',
  )
}
