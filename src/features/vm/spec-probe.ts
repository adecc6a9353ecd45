import {FieldProblem} from '../../spec/field.ts'
import {parsePortNumber} from './spec-port.ts'

/** The readiness probe that the agent on a VM runs (istio.io/api networking/v1 ReadinessProbe). */
export type VmProbe =
  | {kind: 'http' | 'https'; port: number; path: string}
  | {kind: 'tcp'; port: number}
  | {kind: 'exec'; command: string[]}

/**
 * Parses `http:8080/ready`, `https:8443/ready`, `tcp:5432` or `exec:/bin/check it`.
 *
 * @throws FieldProblem
 */
export function parseVmProbe(text: string): VmProbe {
  const colon = text.indexOf(':')
  const [kind, rest] = [text.slice(0, Math.max(colon, 0)), text.slice(colon + 1)]
  if (kind === 'http' || kind === 'https') {
    const slash = rest.indexOf('/')
    const [port, path] = slash < 0 ? [rest, '/'] : [rest.slice(0, slash), rest.slice(slash)]
    return {kind, port: parsePortNumber(port, text), path}
  }
  if (kind === 'tcp') return {kind, port: parsePortNumber(rest, text)}
  const command = rest.split(/\s+/).filter(word => word !== '')
  if (kind === 'exec' && command.length > 0) return {kind, command}
  // The agent supports gRPC probes, but Istio's validation rejects them in a WorkloadGroup (pkg/config/validation, 1.31).
  if (kind === 'grpc') throw new FieldProblem(`${text}: Istio does not support gRPC probes for VMs`)
  throw new FieldProblem(`${text} is not http:PORT/PATH, https:PORT/PATH, tcp:PORT or exec:COMMAND`)
}

/** The probe in the form that `parseVmProbe` reads. */
export function formatVmProbe(probe: VmProbe): string {
  if (probe.kind === 'exec') return `exec:${probe.command.join(' ')}`
  return `${probe.kind}:${probe.port}${probe.kind === 'tcp' ? '' : probe.path}`
}
