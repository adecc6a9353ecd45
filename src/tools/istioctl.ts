import {messageOf, refusedError, usageError} from '../errors.ts'
import {minorOf} from '../istio/control-plane.ts'
import type {ControlPlaneInput} from '../istio/render/input.ts'
import {type RenderedControlPlane, readManifest} from '../istio/render/manifest.ts'
import {istioOperator} from '../istio/render/operator.ts'
import {dumpYaml} from '../text/yaml.ts'
import {findTool, runTool} from './run-tool.ts'

/** Oldest istioctl whose output this project knows. */
const oldest = '1.24'

/** A control plane that was rendered, and by which version. */
export interface RenderedByTool extends RenderedControlPlane {
  /** `istioctl 1.31.0`. */
  by: string
}

/**
 * Renders a control plane by the user's istioctl: `istioctl manifest generate -f -`. Its version is asked at the same
 * time. No cluster is asked.
 *
 * @param program what `--istioctl` said; undefined: `istioctl` in PATH
 * @throws MeshError: not there (exit 2), too old, or it refuses the values (exit 3), with what it said
 */
export async function renderWithIstioctl(
  input: ControlPlaneInput,
  program: string | undefined,
  signal?: AbortSignal,
): Promise<RenderedByTool> {
  const file = await findTool(program ?? 'istioctl')
  if (file === undefined)
    throw usageError(
      program === undefined ? 'istioctl is not in PATH' : `--istioctl ${program}: there is no program to run`,
      'say where it is with --istioctl FILE, or let helm or the Sail operator do it',
    )
  const stop = new AbortController()
  const ends = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal
  const generating = start(file, ['manifest', 'generate', '-f', '-'], ends, dumpYaml(istioOperator(input)))
  // an old one is told as such, and not by what it did not understand
  generating.catch(() => undefined)
  try {
    const version = await versionOf(file, ends)
    const {code, stdout, stderr} = await generating
    if (code !== 0)
      throw refusedError(`istioctl ${version} refuses this control plane: ${lastError(stderr)}`, ...hintsOf(stderr))
    return {...readManifest(stdout), by: `istioctl ${version}`}
  } finally {
    stop.abort()
  }
}

async function versionOf(file: string, signal: AbortSignal): Promise<string> {
  const {code, stdout, stderr} = await start(file, ['version', '--remote=false', '-o', 'json'], signal)
  if (code !== 0)
    throw refusedError(`${file} version: ${lastError(stderr)}`, 'is it an istioctl? --istioctl FILE names another')
  const version = versionIn(stdout)
  const minor = minorOf(version)
  if (version === undefined)
    throw refusedError(`${file} does not tell its version`, 'is it an istioctl? --istioctl FILE names another')
  if (minor !== undefined && minor < minorOf(oldest)!)
    throw refusedError(
      `${file} is ${version}, and ${oldest} is the oldest that is known here`,
      '--istioctl FILE names another',
    )
  return version
}

function versionIn(text: string): string | undefined {
  try {
    return (JSON.parse(text) as {clientVersion?: {version?: string}}).clientVersion?.version
  } catch {
    return undefined
  }
}

async function start(file: string, args: readonly string[], signal: AbortSignal, input = '') {
  try {
    return await runTool(file, args, {input, signal})
  } catch (error) {
    throw refusedError(`${file} can't be run: ${messageOf(error)}`)
  }
}

/** The last line of what it said on stderr that is an error, without its own label. */
export function lastError(stderr: string): string {
  const lines = stderr.split('\n').filter(line => line.trim() !== '')
  const error = lines.findLast(line => /^error:/i.test(line)) ?? lines.at(-1)
  return error?.replace(/^error:\s*/i, '').trim() ?? 'it said nothing'
}

function hintsOf(stderr: string): string[] {
  if (/profile ".*" not found/.test(stderr))
    return ['profiles: default, demo, empty, minimal, openshift, preview, stable']
  return ['look at --set, --values and --profile']
}
