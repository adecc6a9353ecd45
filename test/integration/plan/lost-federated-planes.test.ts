import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterEach, describe, expect, inject, it} from 'vitest'
import {type EmptyClusters, openEmptyClusters} from '../../support/ground/empty-clusters.ts'
import type {Ground} from '../../support/ground/ground.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const tools = inject('renderTools')

describe.skipIf(!sharedServers() || !tools)('the record of a control plane that federate rendered is gone', () => {
  let clusters: EmptyClusters
  let ground: Ground
  afterEach(() => clusters?.close())

  const record = 'kubectl-mesh-control-plane'
  const east = () => ground.cluster('east').api
  const recordPath = () => `/api/v1/namespaces/${ground.namespace}/configmaps/${record}`
  const scaler = async () => {
    const path = `/apis/autoscaling/v2/namespaces/${ground.namespace}/horizontalpodautoscalers/istiod`
    return (await east().get<AnyObject & {spec: {minReplicas: number}}>(path))!.spec.minReplicas
  }
  const federate = (...args: string[]) =>
    ground.federate([...args, '--yes'], {
      env: {PATH: `${tools!.istioctl}:${process.env.PATH}`, HOME: ground.folder},
    })

  it('keeps the control plane and its values, and lists it again as soon as the values are set', async () => {
    clusters = await openEmptyClusters()
    ground = clusters.ground
    const [ca, values] = [join(ground.folder, 'ca'), join(ground.folder, 'values.yaml')]
    await writeFile(values, 'pilot:\n  autoscaleMin: 3\n')
    expect(await ground.mesh(['ca', 'init', '--dir', ca])).toMatchObject({code: 0})
    const joined = await federate('--control-plane', 'istioctl', '--ca-dir', ca, '--values', values)
    expect(joined.code, joined.stderr).toBe(0)
    expect(await scaler()).toBe(3)
    const before = (await east().get<AnyObject & {data: object}>(recordPath()))!.data

    await east().delete(recordPath())
    ground.reset()
    const kept = await federate()
    expect(kept.code, kept.stderr).toBe(0)
    const missing = `east: ConfigMap ${record} in namespace ${ground.namespace}, the record of the control plane, is missing`
    expect(kept.stderr).toContain(`warning: ${missing}; the control plane stays as it is\n`)
    expect(ground.writes()).toEqual([])
    const changed = await federate('--mesh-id', 'other')
    expect(changed.code, changed.stderr).toBe(3)
    expect(changed.stderr).toContain(`error: ${missing}, and the control plane must change: its values are unknown\n`)
    expect(ground.writes()).toEqual([])

    const again = await federate('--values', values)
    expect(again.code, again.stderr).toBe(0)
    expect(again.stderr).toContain(
      `warning: east: ConfigMap ${record} in namespace ${ground.namespace}, the record of these objects, is missing. This run lists them again:`,
    )
    expect((await east().get<AnyObject & {data: object}>(recordPath()))!.data).toEqual(before)
    expect(await scaler()).toBe(3)

    // Without files, the default values have to be asked for.
    await east().delete(recordPath())
    const reset = await federate('--reset', 'values')
    expect(reset.code, reset.stderr).toBe(0)
    expect(await scaler()).toBe(1)
  })
})
