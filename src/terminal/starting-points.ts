/** A task that a new user begins with. */
export interface StartingPoint {
  /** What it does, as an imperative. */
  about: string
  /** Words of the command, joined by `:`. */
  id: string
}

/** The tasks that the landing screen and the help of the program show first. */
export const startingPoints: readonly StartingPoint[] = [
  {about: 'Join clusters into one mesh', id: 'federate'},
  {about: 'Check a mesh', id: 'check'},
  {about: 'Add a virtual machine', id: 'vm:register'},
]
