import {refusedError} from '../errors.ts'
import {findTool, runTool} from './run-tool.ts'

/**
 * Runs a program as root on another machine by the user's own `ssh` (their config, keys and agent). What is secret goes by
 * `input` over stdin. Gives what it printed.
 *
 * @param path absolute path of the program there
 * @throws MeshError (exit 3) when ssh is not there, does not get through, or the program fails
 */
export async function runAsRoot(
  host: string,
  path: string,
  args: readonly string[],
  options: {input: string; signal?: AbortSignal},
): Promise<string> {
  const ssh = await findTool('ssh')
  if (ssh === undefined)
    throw refusedError('the program ssh is not there', 'install OpenSSH, or leave --ssh out and copy the bundle')
  const words = [path, ...args].join(' ')
  const command = `if [ "$(id -u)" = 0 ]; then exec ${words}; else exec sudo -n ${words}; fi`
  const {code, stdout, stderr} = await runTool(ssh, ['--', host, command], options)
  if (code === 0) return stdout
  const said = stderr.trim() || stdout.trim()
  // 255 is ssh's own (ssh(1), EXIT STATUS)
  if (code === 255) throw refusedError(`ssh ${host} failed: ${said}`, `ssh ${host} true`)
  if (/sudo:.*password/.test(said))
    throw refusedError(`on ${host} sudo wants a password`, '--ssh root@HOST, or let this user run it without one')
  if (code === 127 || /not found|No such file/.test(said))
    throw refusedError(`${host} has no ${path}: ${said}`, 'install the bundle there first: sudo sh install.sh')
  throw refusedError(`on ${host}: ${said}`)
}
