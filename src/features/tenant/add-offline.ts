import {render} from '../../control-plane/render.ts'
import {type Right, rightsFor} from '../../engine/kubernetes/access-rules.ts'
import type {Change} from '../../engine/kubernetes/change.ts'
import {planOffline} from '../../engine/plan/offline.ts'
import {type ExitCode, exitCodes} from '../../errors.ts'
import {istioOperator} from '../../istio/render/operator.ts'
import {helmValues} from '../../istio/render/values.ts'
import {printPlan} from '../../run/print-plan.ts'
import {rightsOf, rightsOfSet} from '../../run/rights-of.ts'
import type {Run} from '../../run/run.ts'
import {nameWithoutCluster} from '../../run/where.ts'
import {dumpYaml} from '../../text/yaml.ts'
import {buildTenant, tenantApplySet} from './objects.ts'
import {tenantReads} from './read.ts'
import {frameOf, readRequest} from './request.ts'
import type {RawTenant} from './settings.ts'

/** Prints the input file for istioctl or Helm (`-o istio-operator`, `-o helm-values`). Connects to no cluster. */
export async function printTenantFile(
  raw: RawTenant,
  format: 'istio-operator' | 'helm-values',
  run: Pick<Run, 'terminal'>,
): Promise<ExitCode> {
  const {input} = await readRequest(raw)
  run.terminal.print(dumpYaml(format === 'istio-operator' ? istioOperator(input) : helmValues(input)))
  return exitCodes.ok
}

/**
 * Prints all objects of a tenant (`--dry-run=client`). Connects to no cluster and needs no kubeconfig.
 *
 * @param context kubeconfig context; '' for the current one
 */
export async function printTenantWithoutCluster(raw: RawTenant, context: string, run: Run): Promise<ExitCode> {
  const {cluster, changes, systemNamespace} = await tenantChangesWithoutCluster(raw, context, run)
  return printPlan([planOffline(cluster, changes, tenantApplySet(systemNamespace))], run)
}

/** Returns the changes of `mesh tenant add` as far as the input determines them. Connects to no cluster. */
export async function tenantChangesWithoutCluster(
  raw: RawTenant,
  context: string,
  run: Run,
): Promise<{cluster: string; changes: Change[]; systemNamespace: string}> {
  const request = await readRequest(raw)
  const {objects, definitions} = await render(request.spec, request.input, run.signal)
  const cluster = nameWithoutCluster(context, run.access)
  const changes = buildTenant(
    frameOf(request, cluster),
    objects,
    definitions.map(({read}) => read()),
  )
  return {cluster, changes, systemNamespace: request.names.systemNamespace}
}

/** All permissions to add a tenant, as far as the input determines them: those for what a tool renders included. */
export async function tenantAddRights(raw: RawTenant, context: string, run: Run): Promise<Right[]> {
  const {changes, systemNamespace} = await tenantChangesWithoutCluster(raw, context, run)
  return [
    ...tenantReads,
    ...rightsOfSet(tenantApplySet(systemNamespace), {verbs: []}),
    ...rightsFor(['get', 'list'], ['customresourcedefinitions.apiextensions.k8s.io']),
    ...rightsOf(changes),
  ]
}
