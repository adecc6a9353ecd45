import {spawn} from 'node:child_process'
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {groupOf, type ObjectRef} from '../../engine/kubernetes/object.ts'
import type {ClusterPlan} from '../../engine/plan/plan.ts'
import {type MeshError, messageOf, refusedError} from '../../errors.ts'
import {escapeLine} from '../../text/escape-terminal.ts'
import {fileNameOf} from '../../text/file-name.ts'
import {codeOf} from '../../text/files.ts'
import {textOf} from './diff.ts'
import {ignoringInterrupts} from './pager.ts'
import {createMasker} from './redact.ts'
import {joinReplacements} from './replacements.ts'

/** The arguments that kubectl passes on; it drops every other word (kubectl pkg/cmd/diff/diff.go, `getCommand`, 1.32). */
const passedOn = /^[a-zA-Z0-9-=]+$/

/** The program of `KUBECTL_EXTERNAL_DIFF` and its arguments. Undefined if it is not set. */
export function externalDiff(env: Readonly<Record<string, string | undefined>>): string[] | undefined {
  const [program, ...args] = (env.KUBECTL_EXTERNAL_DIFF ?? '').split(' ')
  return program ? [program, ...args.filter(arg => passedOn.test(arg))] : undefined
}

/**
 * Shows plans with the program of `KUBECTL_EXTERNAL_DIFF`, as kubectl does: two temporary folders with one file per object that
 * changes are its first arguments. The name of a file begins with the cluster. Values of Secrets are masked.
 *
 * @param output where the program writes: 1 or 2
 * @returns whether the program found differences (exit code 1)
 * @throws MeshError (exit 3) if the program cannot be started, or reports an error (exit code 2 and higher)
 */
export async function runExternalDiff(
  [program, ...args]: readonly string[],
  plans: readonly ClusterPlan[],
  output: 1 | 2,
): Promise<boolean> {
  const parent = await mkdtemp(join(tmpdir(), 'kubectl-mesh-diff-'))
  try {
    const folders = [join(parent, 'LIVE'), join(parent, 'MERGED')] as const
    await writeSides(plans, folders)
    const code = await ignoringInterrupts(() => exitCodeOf(program!, [...folders, ...args], output))
    if (code > 1) throw refusedError(`${program} (KUBECTL_EXTERNAL_DIFF) failed with exit code ${code}`)
    return code === 1
  } finally {
    await rm(parent, {recursive: true, force: true})
  }
}

async function writeSides(plans: readonly ClusterPlan[], [live, merged]: readonly [string, string]): Promise<void> {
  const mask = createMasker()
  await Promise.all([mkdir(live, {mode: 0o700}), mkdir(merged, {mode: 0o700})])
  for (const {cluster, steps} of plans)
    for (const step of joinReplacements(steps.filter(({verdict}) => verdict !== 'unchanged'))) {
      const name = fileNameOf(nameOfFile(cluster, step.ref))
      // A missing object is an empty file, so that the program needs no -N.
      await writeFile(join(live, name), textOf(step.live, mask), {mode: 0o600})
      await writeFile(join(merged, name), textOf(step.merged, mask), {mode: 0o600})
    }
}

/** kubectl's name, `apps.v1.Deployment.istio-system.istiod`, after the name of the cluster. */
function nameOfFile(cluster: string, {apiVersion, kind, namespace = '', name}: ObjectRef): string {
  const group = groupOf(apiVersion)
  const version = apiVersion.slice(group === '' ? 0 : group.length + 1)
  return [cluster, ...(group === '' ? [] : [group]), version, kind, namespace, name].join('.')
}

/** The exit code of a program on this terminal. A signal counts as a failure. */
function exitCodeOf(program: string, args: readonly string[], output: 1 | 2): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {stdio: ['inherit', output, 'inherit']})
    child.once('error', error => reject(notStarted(program, error)))
    child.once('close', code => resolve(code ?? 128))
  })
}

/** The same words as for the other programs that kubectl-mesh runs. */
function notStarted(program: string, error: Error): MeshError {
  const setting = `KUBECTL_EXTERNAL_DIFF=${escapeLine(program)}`
  const hint = 'set KUBECTL_EXTERNAL_DIFF to an installed program, or unset it to see the diff of kubectl mesh'
  const code = codeOf(error) ?? ''
  if (!['ENOENT', 'ENOTDIR', 'EACCES'].includes(code))
    return refusedError(`${setting} cannot be run: ${messageOf(error)}`, hint)
  return refusedError(
    program.includes('/') ? `${setting}: no executable file with this name` : `${escapeLine(program)} is not in PATH`,
    hint,
  )
}
