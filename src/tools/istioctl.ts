import {refusedError, usageError} from '../errors.ts'
import {minorOf} from '../istio/control-plane.ts'
import type {ControlPlaneInput} from '../istio/render/input.ts'
import {type RenderedControlPlane, readManifest} from '../istio/render/manifest.ts'
import {istioOperator} from '../istio/render/operator.ts'
import {dumpYaml} from '../text/yaml.ts'
import {findTool, lastError, runFoundTool} from './run-tool.ts'

/** The oldest supported istioctl. */
const oldest = '1.24'

const otherIstioctl = 'check that it is istioctl, or specify another one with --istioctl FILE'

/**
 * Renders a control plane with `istioctl manifest generate -f -`. istioctl's version is read at the same time. No cluster
 * is contacted.
 *
 * @param program value of `--istioctl`; undefined for `istioctl` in PATH
 * @throws MeshError: exit 2 if istioctl is not found; exit 3 if it is too old or rejects the values
 */
export async function renderWithIstioctl(
  input: ControlPlaneInput,
  program: string | undefined,
  signal?: AbortSignal,
): Promise<RenderedControlPlane> {
  const file = await findIstioctl(program)
  const stop = new AbortController()
  const signals = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal
  const options = {input: dumpYaml(istioOperator(input)), signal: signals}
  const generating = runFoundTool(file, ['manifest', 'generate', '-f', '-'], options)
  // The version is checked first, because an old istioctl fails with an error that hides the cause.
  generating.catch(() => undefined)
  try {
    const version = await supportedVersion(file, signals)
    const {code, stdout, stderr} = await generating
    if (code !== 0)
      throw refusedError(`istioctl ${version} rejects this control plane: ${lastError(stderr)}`, ...hintsOf(stderr))
    return readManifest(stdout)
  } finally {
    stop.abort()
  }
}

async function findIstioctl(program: string | undefined): Promise<string> {
  const file = await findTool(program ?? 'istioctl')
  if (file !== undefined) return file
  throw usageError(
    program === undefined ? 'istioctl is not in PATH' : `--istioctl ${program}: no executable file with this name`,
    'specify istioctl with --istioctl FILE, or render with helm or the Sail operator',
  )
}

async function supportedVersion(file: string, signal: AbortSignal): Promise<string> {
  const {code, stdout, stderr} = await runFoundTool(file, ['version', '--remote=false', '-o', 'json'], {signal})
  if (code !== 0) throw refusedError(`${file} version failed: ${lastError(stderr)}`, otherIstioctl)
  const version = versionIn(stdout)
  if (version === undefined) throw refusedError(`${file} version printed no client version`, otherIstioctl)
  const minor = minorOf(version)
  if (minor !== undefined && minor < minorOf(oldest)!)
    throw refusedError(
      `${file} has version ${version}; expected ${oldest} or newer`,
      'specify another istioctl with --istioctl FILE',
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

function hintsOf(stderr: string): string[] {
  if (/profile ".*" not found/.test(stderr))
    return ['profiles: default, demo, empty, minimal, openshift, preview, stable']
  return ['check --set, --values and --profile']
}
