import {UnreachableError} from '../../engine/cluster/errors.ts'
import type {ClusterPlan} from '../../engine/plan/plan.ts'
import {type ExitCode, exitCodes, MeshError, type Problem} from '../../errors.ts'
import type {Run} from '../../run/run.ts'
import {withContext} from '../../spec/hint-context.ts'
import {failureOf} from '../../terminal/failure.ts'
import type {StyledLine} from '../../terminal/output/styled.ts'
import type {Terminal} from '../../terminal/output/terminal.ts'
import {collectMessages, type Messages, runOf} from './collect.ts'
import {type AppliedDocument, lineOf, titleOf} from './kind.ts'
import {precedes} from './order.ts'
import type {PlannedDocument} from './planned.ts'
import {setWarnings} from './report-plan.ts'

/** The plan of a set of documents, in the order in which they are applied. */
export interface FilesPlan {
  planned: readonly PlannedDocument[]
  messages: Messages
}

/** A plan that may lack documents. */
export interface PartialPlan extends FilesPlan {
  /** The problems of all documents that cannot be planned. */
  failure: MeshError | undefined
}

/**
 * Plans documents with server dry runs. Only reads. A document that fails the checks of its command is planned later if
 * documents that it depends on have changes: their changes may be what it lacks.
 *
 * @param documents in the order in which they are applied
 * @throws MeshError that lists the problems of all documents, with their files and lines
 */
export async function planDocuments(documents: readonly AppliedDocument[], run: Run): Promise<FilesPlan> {
  const {failure, ...plan} = await tryPlanning(documents, run)
  if (failure) throw failure
  return plan
}

/** Plans documents like `planDocuments`. Those that cannot be planned have their problems in `failed`. */
export async function tryPlanning(documents: readonly AppliedDocument[], run: Run): Promise<PartialPlan> {
  const messages = collectMessages(run.terminal)
  const planned: PlannedDocument[] = []
  const failures: Failed[] = []
  for (const document of documents) {
    run.signal.throwIfAborted()
    const result = await planDocument(document, planned, messages, run)
    if ('exit' in result) {
      failures.push(result)
      planned.push({document, plans: [], differs: false, failed: result.problems})
    } else planned.push(result)
  }
  run.terminal.message(setWarnings(planned, run.documentSet))
  if (failures.length === 0) return {planned, messages, failure: undefined}
  const exit = failures.some(failure => failure.exit === exitCodes.usage) ? exitCodes.usage : failures[0]!.exit
  const problems = failures.flatMap(one => one.problems)
  return {planned, messages, failure: new MeshError(problems, exit)}
}

/** A document that cannot be planned. */
interface Failed {
  problems: Problem[]
  exit: ExitCode
}

async function planDocument(
  document: AppliedDocument,
  earlier: readonly PlannedDocument[],
  messages: Messages,
  run: Run,
): Promise<PlannedDocument | Failed> {
  const plans: ClusterPlan[] = []
  const gate = {planned: (more: readonly ClusterPlan[]) => void plans.push(...more), outcome: () => undefined}
  const printed: (string | StyledLine)[] = []
  const print: Terminal['print'] = text =>
    void printed.push(...(typeof text === 'string' ? text.trimEnd().split('\n') : text))
  const own = runOf(run, {document, gate, messages, print, dryRun: 'server', isConfirmed: false})
  try {
    const exit = await document.kind.apply(document.raw, document.context ?? '', own)
    // A result without a plan is something for the user to apply, such as the values of a control plane.
    const manual = plans.length === 0 && printed.length > 0
    if (manual) run.terminal.message([`${titleOf(document)}:`, ...printed])
    return {
      document,
      plans,
      differs: manual || exit === exitCodes.differences,
      ...(manual ? {manual: true as const} : {}),
    }
  } catch (error) {
    run.signal.throwIfAborted()
    const failure = failureOf(error, document.kind.command)
    const needed = earlier.filter(one => (one.differs || one.later) && precedes(one.document, document))
    if (needed.length > 0 && failure.exit !== exitCodes.usage && !(error instanceof UnreachableError)) {
      const after = needed.map(one => one.document)
      const problems = failure.problems.map(problem => inDocument(problem, document))
      return {document, plans: [], differs: true, later: {after, problems}}
    }
    return {problems: problemsFor(document, failure.problems), exit: failure.exit}
  }
}

/** Hints that repeat a single command do not continue the run of a set. */
const repeating = /^to (?:continue|repeat this run): /

/** Returns problems with the document before each message. */
export function problemsFor(document: AppliedDocument, problems: readonly Problem[]): Problem[] {
  return problems
    .map(problem => inDocument(problem, document))
    .map(({message, hints = []}) => ({
      message: `${titleOf(document)}: ${message}`,
      hints: hints.filter(hint => !repeating.test(hint)),
    }))
}

/** The problem with the keys of the document in the place of flags, and with its context in command lines. */
function inDocument({message, hints = []}: Problem, document: AppliedDocument): Problem {
  const line = (text: string) => lineOf(text, document)
  return {message: line(message), hints: hints.map(hint => withContext(line(hint), document.context ?? ''))}
}
