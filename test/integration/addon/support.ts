import {execFileSync} from 'node:child_process'
import {join} from 'node:path'
import {labFolder} from '../../support/binaries.ts'
import {comparable, readAll} from '../../support/ground/objects.ts'
import type {AnyObject, Api} from '../../support/servers/api.ts'

/** The source of the Istio release that the lab pins, from Go's module cache. It has `samples/addons`, as a release. */
export function istioRelease(): string {
  const cwd = join(labFolder, 'istio')
  execFileSync('go', ['mod', 'download', 'istio.io/istio'], {cwd})
  return execFileSync('go', ['list', '-m', '-f', '{{.Dir}}', 'istio.io/istio'], {cwd, encoding: 'utf8'}).trim()
}

/** All objects of a cluster, in a form that can be compared at two moments. */
export async function snapshot(api: Api): Promise<Record<string, unknown>> {
  return comparable(await readAll(api, '', 'everything'), 'no namespace of this name') as Record<string, unknown>
}

/** Creates a pod that a Deployment selects, and reports it as ready. */
export async function readyPod(api: Api, deployment: AnyObject): Promise<void> {
  const {namespace, name} = deployment.metadata
  const {selector} = deployment.spec as {selector: {matchLabels: Record<string, string>}}
  const metadata = {name: `${name}-0`, namespace: namespace!, labels: selector.matchLabels}
  await api.create({apiVersion: 'v1', kind: 'Pod', metadata, spec: {containers: [{name: 'a', image: 'a'}]}})
  await api.apply(
    {apiVersion: 'v1', kind: 'Pod', metadata: {name: metadata.name, namespace: namespace!}, status: readyStatus},
    'status',
  )
}

const readyStatus = {phase: 'Running', conditions: [{type: 'Ready', status: 'True'}]}
