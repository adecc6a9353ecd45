import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {type ExitCode, exitCodes} from '../../errors.ts'
import {connect, type ReadRun} from '../../run/run.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {policySpecOf, readFilter} from './istio.ts'
import {type AuthzFacts, isOfAuthorizer, readAuthzFacts} from './read.ts'
import {type AuthorizerRow, formatAuthorizers} from './report.ts'
import {authzListFields} from './spec.ts'

/** Shows the authorizers of a control plane and who uses them. Only reads. */
export async function listAuthorizers(
  raw: RawSpec<typeof authzListFields>,
  context: string,
  run: ReadRun,
): Promise<ExitCode> {
  const spec = readSpec(authzListFields, raw)
  const facts = await readAuthzFacts(await connect(run.access, context), spec)
  const rows = rowsOf(facts, spec)
  if (rows.length === 0 && run.output !== 'json' && run.output !== 'yaml') run.terminal.message('no authorizers')
  else run.terminal.print(formatAuthorizers(rows, run.output))
  return exitCodes.ok
}

interface Where {
  systemNamespace: string
  revision: string | undefined
}

function rowsOf(facts: AuthzFacts, where: Where): AuthorizerRow[] {
  const usersOf = (name: string) => facts.policies.filter(policy => policySpecOf(policy).provider?.name === name)
  const isOurs = (objects: readonly KubernetesObject[], name: string) =>
    objects.some(object => isOfAuthorizer(object, {...where, name}))
  const known = facts.providers.map((provider): AuthorizerRow => {
    const users = usersOf(provider.name)
    return {
      ...provider,
      timeout: provider.timeout ?? '10m',
      fail: provider.failOpen ? 'open' : 'closed',
      usedBy: users.map(placeOf),
      ours: isOurs(users, provider.name),
    }
  })
  const missing = [...new Set(facts.policies.map(policy => policySpecOf(policy).provider?.name ?? ''))].filter(
    name => !facts.providers.some(provider => provider.name === name),
  )
  const nowhere = missing.map(
    (name): AuthorizerRow => ({
      name,
      type: 'grpc',
      service: '',
      port: 0,
      timeout: '-',
      fail: 'closed',
      from: 'nowhere',
      usedBy: usersOf(name).map(placeOf),
      ours: isOurs(usersOf(name), name),
    }),
  )
  const filters = facts.filters.filter(filter => isOfAuthorizer(filter, {...where, name: filter.metadata.name}))
  return [...known, ...nowhere, ...filters.map(filterRow)].sort((a, b) => a.name.localeCompare(b.name))
}

function filterRow(filter: KubernetesObject): AuthorizerRow {
  const found = readFilter(filter)
  return {
    ...found,
    timeout: found.timeout ?? '-',
    fail: found.failOpen ? 'open' : 'closed',
    from: 'envoy-filter',
    usedBy: [placeOf(filter)],
    ours: true,
  }
}

function placeOf({metadata}: KubernetesObject): string {
  return `${metadata.namespace}/${metadata.name}`
}
