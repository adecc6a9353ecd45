import type {Run} from '../../run/run.ts'

/** `--output-dir` writes files and touches no cluster. */
export function asServerDryRun(run: Run): Run {
  return run.write.outputDir === undefined ? run : {...run, write: {...run.write, dryRun: 'server'}}
}

/** Without `--contexts` it is about the current one. */
export function withContexts<S extends {contexts: string[]}>(spec: S, run: Run): S {
  const {currentContext} = run.access.kubeconfig
  return spec.contexts.length > 0 || currentContext === '' ? spec : {...spec, contexts: [currentContext]}
}
