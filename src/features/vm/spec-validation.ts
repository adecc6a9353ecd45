import {isIP} from 'node:net'
import type {Problem} from '../../errors.ts'
import type {VmRegister} from './spec.ts'
import {clusterServiceOf} from './spec-names.ts'

/** Cross-field validation of the fields that identify a VM. */
export function validateVmName(spec: {name: string | undefined; namespace: string | undefined}): Problem[] {
  const problems: Problem[] = []
  if (spec.name === undefined) problems.push({message: 'NAME is missing: specify the name of the VM'})
  if (spec.namespace === undefined) problems.push({message: '--namespace is missing', hints: ['-n NS']})
  return problems
}

/** Cross-field validation. */
export function validateVmRegister(spec: VmRegister): Problem[] {
  return [
    ...validateVmName(spec),
    ...accountProblems(spec),
    ...duplicateProblems(spec),
    ...hostProblems(spec),
    ...autoRegisterProblems(spec),
  ]
}

function accountProblems({serviceAccount, name}: VmRegister): Problem[] {
  if (serviceAccount !== undefined) return []
  return [
    {
      message: '--service-account is missing: specify the identity of the VM',
      hints: [`--service-account ${name ?? 'NAME'} (created if it does not exist)`],
    },
  ]
}

function duplicateProblems({ports, addresses, hosts}: VmRegister): Problem[] {
  const lists: [string, readonly (string | number)[]][] = [
    ['--port: name', ports.map(({name}) => name)],
    ['--port: number', ports.map(({number}) => number)],
    ['--address', addresses],
    ['--host', hosts],
  ]
  return lists.flatMap(([what, values]) =>
    duplicatesIn(values).map(value => ({message: `${what} ${value} is specified more than once`})),
  )
}

function duplicatesIn<T>(values: readonly T[]): T[] {
  return [...new Set(values.filter((value, at) => values.indexOf(value) !== at))]
}

function hostProblems({hosts, ports, namespace, clusterDomain}: VmRegister): Problem[] {
  const problems: Problem[] = []
  if (hosts.length > 0 && ports.length === 0)
    problems.push({message: '--host requires --port: specify the port that the VM serves', hints: ['--port http:8080']})
  for (const host of hosts) {
    const service = clusterServiceOf(host, clusterDomain)
    if (service && service.namespace !== namespace)
      problems.push({
        message: `--host ${host} is a Service in namespace ${service.namespace}, but the VM is in namespace ${namespace}`,
        hints: ['a Service selects only workloads in its namespace'],
      })
  }
  return problems
}

function autoRegisterProblems({autoRegister, addresses}: VmRegister): Problem[] {
  if (!autoRegister) return []
  const problems: Problem[] = []
  if (addresses.length > 1)
    problems.push({
      message: `--auto-register allows one --address, got ${addresses.length}`,
      hints: [
        'remove --auto-register, or specify a single --address',
        '--reset address removes those of an earlier run',
      ],
    })
  const name = addresses.find(address => !isIP(address))
  if (name !== undefined)
    problems.push({message: `--auto-register requires an IP address as --address, got the host name ${name}`})
  return problems
}
