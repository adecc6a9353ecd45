import {type MeshError, refusedError} from '../errors.ts'
import {findTool, runTool, type ToolResult} from './run-tool.ts'

/** A host and the absolute path of a program on it. */
interface RemoteProgram {
  host: string
  path: string
}

/**
 * Runs a program as root on another host with the user's `ssh` (configuration, keys and agent), and returns its standard
 * output. Pass secrets in `input`: it is written to stdin.
 *
 * @param path absolute path of the program on the host
 * @throws MeshError (exit 3) if ssh is not installed, the connection fails, or the program fails
 */
export async function runAsRoot(
  host: string,
  path: string,
  args: readonly string[],
  options: {input: string; signal?: AbortSignal},
): Promise<string> {
  const ssh = await findTool('ssh')
  if (ssh === undefined)
    throw refusedError('ssh is not in PATH', 'install OpenSSH, or omit --ssh and copy the bundle to the host')
  const result = await runTool(ssh, ['--', host, asRoot([path, ...args].join(' '))], options)
  if (result.code === 0) return result.stdout
  throw failure(result, {host, path})
}

function asRoot(command: string): string {
  return `if [ "$(id -u)" = 0 ]; then exec ${command}; else exec sudo -n ${command}; fi`
}

function failure({code, stdout, stderr}: ToolResult, {host, path}: RemoteProgram): MeshError {
  const output = stderr.trim() || stdout.trim()
  // ssh itself failed (ssh(1), EXIT STATUS).
  if (code === 255) return refusedError(`ssh ${host} failed: ${output}`, `ssh ${host} true`)
  if (/sudo:.*password/.test(output))
    return refusedError(
      `${host}: sudo requires a password`,
      '--ssh root@HOST, or allow this user to run sudo without a password',
    )
  if (code === 127 || /not found|No such file/.test(output))
    return refusedError(`${host}: cannot run ${path}: ${output}`, 'first install the bundle there: sudo sh install.sh')
  return refusedError(`${host}: ${output}`)
}
