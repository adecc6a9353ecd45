import {type ExitCode, exitCodes} from '../../errors.ts'
import {names} from '../../istio/names.ts'
import {readCaSecret} from '../../mesh/ca/objects.ts'
import {issuedNames} from '../../mesh/ca/root.ts'
import {readJoinedContexts} from '../../mesh/contexts/read-joined.ts'
import {readControlPlanes} from '../../mesh/read.ts'
import {caData} from '../../pki/ca-certs.ts'
import {readFolder} from '../../pki/folder/read.ts'
import {type CaFound, compareCas} from '../../pki/status.ts'
import {type ListRun, printListing} from '../../run/list-run.ts'
import {connect} from '../../run/run.ts'
import {nameOfCluster} from '../../run/where.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {formatWarnings} from '../../terminal/output/findings.ts'
import {caListing} from './report.ts'
import {readProgress} from './rotate/read-progress.ts'
import {type CaStatus, caStatusFields} from './spec.ts'

/**
 * Compares the CAs of clusters and of a CA folder.
 *
 * @returns 5 if a CA has a problem or they do not share one root, else 0
 * @throws MeshError for invalid input or an invalid folder (exit 2), and for clusters that cannot be read (exit 3)
 */
export async function caStatus(raw: RawSpec<typeof caStatusFields>, run: ListRun): Promise<ExitCode> {
  const spec = readSpec(caStatusFields, raw)
  const useRecord = spec.contexts.length === 0 && spec.dir === undefined
  const contexts = useRecord ? await readJoinedContexts(spec, run.access) : spec.contexts
  const found = [
    ...(await Promise.all(contexts.map(context => caOfCluster(spec, context, run)))),
    ...(spec.dir === undefined ? [] : await casOfFolder(spec.dir, run)),
  ]
  const now = new Date()
  const comparison = compareCas(found, now)
  printListing(run, caListing(comparison, now))
  const broken = comparison.rows.some(({problems}) => problems.length > 0)
  return comparison.share && !broken ? exitCodes.ok : exitCodes.check
}

async function caOfCluster(spec: CaStatus, context: string, run: ListRun): Promise<CaFound> {
  const cluster = await connect(run.access, context)
  const namespace = spec.systemNamespace
  const [secret, served, controlPlanes] = await Promise.all([
    cluster.get({apiVersion: 'v1', kind: 'Secret', namespace, name: names.caSecret}),
    cluster.get({apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'istio-ca-root-cert'}),
    readControlPlanes(cluster, namespace),
  ])
  const controlPlane = controlPlanes.find(({revision}) => revision === (spec.revision ?? 'default'))
  const root = (served?.data as Record<string, string> | undefined)?.['root-cert.pem']
  const issued = issuedNames(controlPlane)
  const rotation = await readProgress(cluster, namespace, secret)
  const createdAt = secret?.metadata.creationTimestamp
  return {
    cluster: spec.clusterName[context] ?? nameOfCluster(controlPlane, context),
    source: 'cluster',
    data: secret && readCaSecret(secret),
    ...(createdAt === undefined ? {} : {created: createdAt}),
    ...(controlPlane?.externalCa === undefined ? {} : {externalCa: controlPlane.externalCa}),
    ...(root === undefined ? {} : {servedRoot: root}),
    ...(issued === undefined ? {} : {issued}),
    ...(rotation === undefined ? {} : {rotation}),
  }
}

async function casOfFolder(dir: string, run: ListRun): Promise<CaFound[]> {
  const {clusters, warnings} = await readFolder(dir)
  run.terminal.message(formatWarnings(warnings))
  return Object.entries(clusters).map(([cluster, ca]) => ({cluster, source: 'folder', data: caData(ca)}))
}
