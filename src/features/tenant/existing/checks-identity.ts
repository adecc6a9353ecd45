import type {Finding} from '../../../findings/check.ts'
import {shellWord} from '../../../text/shell-word.ts'
import type {Tenant} from '../istio.ts'
import {formatLabel, type TenantNames} from '../spec-names.ts'

/** What `tenant add` requests, compared with an existing tenant. */
export interface RequestedIdentity {
  names: TenantNames
  via: string
  /** The objects of the tenant carry our label, but its record is gone. */
  isLost: boolean
}

/** Returns why `tenant add` must not create or complete a tenant where another control plane or tenant exists. */
export function identityFindings(tenant: Tenant, {names, via, isLost}: RequestedIdentity): Finding[] {
  const {name, namespace, revision} = tenant
  if (namespace !== names.systemNamespace || revision !== names.revision)
    return name === names.name
      ? [
          {
            message: `tenant ${name} already exists, in namespace ${namespace} with revision ${revision}`,
            hints: [`add --system-namespace ${namespace} --revision ${shellWord(revision)}, or use another name`],
          },
        ]
      : []
  if (tenant.recorded && name !== names.name)
    return [
      {
        message: `namespace ${namespace} is the system namespace of tenant ${name}; expected ${names.name}`,
        hints: [`kubectl mesh tenant add ${shellWord(name)}`, 'or set another one with --system-namespace'],
      },
    ]
  return via === 'none' ? [] : installerFindings(tenant, {names, via, isLost})
}

function installerFindings(tenant: Tenant, {names, via, isLost}: RequestedIdentity): Finding[] {
  const {namespace, revision} = tenant
  if (tenant.installed && tenant.via === undefined && isLost) return lostFindings(tenant, names)
  if (tenant.installed && tenant.via === undefined)
    return [
      {
        message: `namespace ${namespace} contains a control plane of revision ${revision} that was not installed by kubectl-mesh`,
        hints: ['--via none leaves it unchanged and creates the rest of the tenant'],
      },
    ]
  const isOtherTool = tenant.via !== undefined && tenant.via !== via && tenant.via !== 'none'
  return isOtherTool
    ? [
        {
          message: `${names.name} was created with --via ${tenant.via}`,
          hints: [`use --via ${tenant.via}, or --via none to leave the control plane unchanged`],
        },
      ]
    : []
}

/** The default would be another selector: its istiod would no longer watch the namespaces of the tenant. */
function lostFindings({label}: Tenant, {name, selector}: TenantNames): Finding[] {
  if (!label || formatLabel(label) === formatLabel(selector)) return []
  return [
    {
      message: `the record of ${name} is missing, and its namespaces have the selector label ${formatLabel(label)}; expected ${formatLabel(selector)}`,
      hints: [`add --selector-label ${shellWord(formatLabel(label))}, and the other flags of earlier runs`],
    },
  ]
}
