import {execFile} from 'node:child_process'
import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {dump, load} from 'js-yaml'
import {afterAll, beforeAll, describe, expect, inject, it} from 'vitest'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {type RunningServers, startServers} from '../../support/servers/servers.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const tools = inject('renderTools')
const meshConfig = {
  accessLogFile: '/dev/stdout',
  extensionProviders: [{name: 'oauth2-proxy', envoyExtAuthzHttp: {service: 'proxy.authz.svc', port: 4180}}],
}

describe.skipIf(!sharedServers() || !tools)(
  'a control plane that a real Helm installed, with the cluster name Kubernetes',
  () => {
    let servers: RunningServers
    let ground: Ground

    beforeAll(async () => {
      servers = await startServers(['east', 'west'])
      ground = await openGround(servers, {controlPlane: context => (context === 'west' ? false : {})})
      const values = join(ground.folder, 'values.yaml')
      await writeFile(values, dump({meshConfig, global: {istioNamespace: ground.namespace}, pilot: {autoscaleMin: 2}}))
      const where = ['--kube-context', 'west', '-n', ground.namespace]
      await helm(['install', 'istiod', chart(), ...where, '--create-namespace', '-f', values])
    })
    afterAll(async () => {
      await ground?.close()
      await servers?.stop()
    })

    const chart = () => join(tools!.charts, 'istio-control/istio-discovery')
    const helm = (args: readonly string[]) =>
      promisify(execFile)(join(tools!.helm, 'helm'), [...args, '--kubeconfig', servers.kubeconfig], {
        env: {...process.env, HOME: ground.folder},
      })

    it('the hint of federate sets what the mesh needs, and keeps the values of the release', async () => {
      const ca = join(ground.folder, 'ca')
      expect(await ground.mesh(['ca', 'init', '--dir', ca])).toMatchObject({code: 0})
      const refused = await ground.federate(['--ca-dir', ca, '--yes'])
      expect(refused).toMatchObject({code: 3, stdout: ''})
      expect(refused.stderr).toContain('west: istiod has the cluster ID Kubernetes; expected west')
      const hint = refused.stderr.match(/^hint: {2}helm (upgrade istiod) istio\/istiod (.* --reuse-values .*)$/m)
      expect(hint, refused.stderr).not.toBeNull()
      // The chart is that of the lab instead of one from a repository.
      await helm([...hint![1]!.split(' '), chart(), ...hint![2]!.split(' ')])

      const {api} = ground.cluster('west')
      const config = await api.get<AnyObject & {data: {mesh: string}}>(
        `/api/v1/namespaces/${ground.namespace}/configmaps/istio`,
      )
      expect(load(config!.data.mesh)).toMatchObject(meshConfig)
      const scaler = `/apis/autoscaling/v2/namespaces/${ground.namespace}/horizontalpodautoscalers/istiod`
      expect(await api.get(scaler)).toMatchObject({spec: {minReplicas: 2}})
      const accepted = await ground.federate(['--ca-dir', ca, '--dry-run=server'])
      expect(accepted.code, accepted.stderr).toBe(0)
    })
  },
)
