/** Tasks for the end of the command. */
const tasks: (() => Promise<void>)[] = []

/** Registers a task that runs when the command has ended, also after an error or Ctrl-C. It must not reject. */
export function atEnd(task: () => Promise<void>): void {
  tasks.push(task)
}

/** Runs the tasks of `atEnd`, each once. */
export async function runAtEnd(): Promise<void> {
  await Promise.all(tasks.splice(0).map(task => task()))
}
