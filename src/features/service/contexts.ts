import type {Run} from '../../run/run.ts'

/** With `--output-dir`, makes the run a server dry run: files are written, and no cluster is changed. */
export function asServerDryRun(run: Run): Run {
  return run.write.outputDir === undefined ? run : {...run, write: {...run.write, dryRun: 'server'}}
}

/** Sets the current context if no contexts are set. */
export function withContexts<S extends {contexts: string[]}>(spec: S, run: Run): S {
  const {currentContext} = run.access.kubeconfig
  return spec.contexts.length > 0 || currentContext === '' ? spec : {...spec, contexts: [currentContext]}
}
