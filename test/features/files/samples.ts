import type {ClusterPlan, Step, Verdict} from '../../../src/engine/plan/plan.ts'
import {exitCodes, type Problem} from '../../../src/errors.ts'
import type {AppliedDocument, AppliedKind} from '../../../src/features/files/kind.ts'
import type {PlannedDocument} from '../../../src/features/files/planned.ts'
import {lineOf} from '../../../src/run/apply-plan.ts'
import {printPlan} from '../../../src/run/print-plan.ts'
import {confirmPlans} from '../../../src/run/review/review.ts'
import type {Run} from '../../../src/run/run.ts'

/** A kind of tests: `after` as in the kinds of mesh files. */
export function kindOf(kind: string, after: readonly string[] = [], apply?: AppliedKind['apply']): AppliedKind {
  return {
    kind,
    after,
    command: kind.toLowerCase(),
    fields: {},
    validate: () => [],
    claims: () => [],
    apply: apply ?? (async () => exitCodes.ok),
    exported: async () => [],
  }
}

/** A document for one cluster. */
export function documentOf(kind: AppliedKind, name: string, context: string | undefined = 'east'): AppliedDocument {
  const positionOf = () => ({line: 1, column: 1})
  return {kind, name, context, raw: {}, spec: {}, file: `${name}.yaml`, line: 1, column: 1, positionOf}
}

/** A document for several clusters. */
export function documentFor(kind: AppliedKind, name: string, contexts: string[]): AppliedDocument {
  return {...documentOf(kind, name), context: undefined, spec: {contexts}}
}

/** A step that concerns a ConfigMap. */
export function stepOf(name: string, verdict: Verdict): Step {
  const object = {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name, namespace: 'ns'}}
  const ref = {apiVersion: 'v1', kind: 'ConfigMap', name, namespace: 'ns'}
  return {
    change:
      verdict === 'remove'
        ? {action: 'remove', cluster: 'east', wave: 10, target: ref}
        : {action: 'apply', cluster: 'east', wave: 10, object},
    ref,
    verdict,
    live: verdict === 'create' ? undefined : object,
    merged: verdict === 'remove' ? undefined : object,
  }
}

/** The plan of a cluster. */
export const planOf = (cluster: string, ...steps: Step[]): ClusterPlan => ({cluster, steps})

/** A planned document. */
export function planned(document: AppliedDocument, plans: readonly ClusterPlan[], later?: PlannedDocument['later']) {
  const differs = later !== undefined || plans.some(({steps}) => steps.some(({verdict}) => verdict !== 'unchanged'))
  return {document, plans, differs, ...(later ? {later} : {})} satisfies PlannedDocument
}

/** Plans and applies steps like the commands, without a cluster. */
export async function applySteps(run: Run, plans: readonly ClusterPlan[], fails?: Problem) {
  if (run.write.dryRun === 'server') return printPlan(plans, run)
  await confirmPlans(plans, {question: 'Apply?'}, run)
  for (const {cluster, steps} of plans)
    for (const step of steps) {
      const failed = fails !== undefined && step === steps.at(-1)
      run.gate!.outcome({cluster, step, result: failed ? 'failed' : 'ok'})
      if (failed) throw Object.assign(new Error(fails.message), {syscall: 'write'})
    }
  return exitCodes.ok
}

/** A run that records its output. */
export function recordedRun(): {run: Run; out: string[]; messages: string[]} {
  const out: string[] = []
  const messages: string[] = []
  const terminal = {
    interactive: false,
    color: {stdout: false, stderr: false},
    stdout: process.stdout,
    stderr: process.stderr,
    print: (text: string) => void out.push(...text.trimEnd().split('\n')),
    message: (lines: string | readonly unknown[]) => void messages.push(...[lines].flat().map(String)),
  }
  const write = {dryRun: 'none', yes: true, reset: [], overwriteManaged: false, exitCode: false}
  const run = {
    terminal,
    write,
    signal: new AbortController().signal,
    command: 'kubectl mesh apply',
    answers: [],
    access: {},
  }
  return {run: run as unknown as Run, out, messages}
}

/** The line of a written ConfigMap. */
export const lineFor = (name: string) => lineOf({cluster: 'east', step: stepOf(name, 'create'), result: 'ok'})
