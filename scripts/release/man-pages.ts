import type {CommandFlag, ManifestCommand} from '../command-data.ts'

/**
 * A man page for each command that is not hidden, and one for the program.
 *
 * @param time time of the release, in seconds since 1970
 * @returns the text of each page by its file name
 */
export function manPages(
  commands: readonly ManifestCommand[],
  {version, time}: {version: string; time: number},
): Record<string, string> {
  const shown = commands.filter(({hidden}) => !hidden)
  const head = (name: string) =>
    `.TH ${roff(name.toUpperCase())} 1 ${new Date(time * 1000).toISOString().slice(0, 10)} "kubectl-mesh ${version}"`
  const pages = shown.map(command => [`${nameOf(command)}.1`, commandPage(command, head(nameOf(command)))] as const)
  return Object.fromEntries([['kubectl-mesh.1', indexPage(shown, head('kubectl-mesh'))], ...pages])
}

function indexPage(commands: readonly ManifestCommand[], head: string): string {
  return lines([
    head,
    '.SH NAME',
    'kubectl\\-mesh \\- Istio meshes over several clusters',
    '.SH SYNOPSIS',
    '.B kubectl mesh',
    'COMMAND [FLAGS]',
    '.SH COMMANDS',
    ...commands.flatMap(command => ['.TP', `.BR ${roff(nameOf(command))} (1)`, roff(command.summary ?? '')]),
  ])
}

function commandPage(command: ManifestCommand, head: string): string {
  const {summary = '', description, flags, args} = command
  const words = command.id.replaceAll(':', ' ')
  const shown = Object.entries(flags).filter(([, flag]) => !flag.hidden)
  const examples = (command.examples ?? []).map(example => (typeof example === 'string' ? example : example.command))
  return lines([
    head,
    '.SH NAME',
    `${roff(nameOf(command))} \\- ${roff(summary)}`,
    '.SH SYNOPSIS',
    `.B kubectl mesh ${roff(words)}`,
    roff([...Object.keys(args).map(name => name.toUpperCase()), '[FLAGS]'].join(' ')),
    ...(description ? ['.SH DESCRIPTION', ...text(description)] : []),
    ...(shown.length > 0 ? ['.SH OPTIONS', ...shown.flatMap(([name, flag]) => flagLines(name, flag))] : []),
    ...(examples.length > 0
      ? ['.SH EXAMPLES', '.nf', ...examples.map(example => exampleLine(example, words)), '.fi']
      : []),
    '.SH SEE ALSO',
    '.BR kubectl\\-mesh (1)',
  ])
}

function flagLines(name: string, flag: CommandFlag): string[] {
  const value = flag.type === 'option' ? `=${flag.helpValue ?? 'VALUE'}` : ''
  const names = [...(flag.char ? [`-${flag.char}`] : []), `--${name}${value}`].join(', ')
  const values = flag.options ? ` (one of ${flag.options.join(', ')})` : ''
  const fallback = flag.defaultText ? ` (default: ${flag.defaultText})` : ''
  return ['.TP', `.B ${roff(names)}`, ...text(`${flag.summary ?? ''}${values}${fallback}`)]
}

function exampleLine(example: string, words: string): string {
  const line = example.replaceAll('<%= config.bin %>', 'kubectl mesh').replaceAll('<%= command.id %>', words)
  return roff(line)
}

function text(value: string): string[] {
  return value.split('\n').map(line => (line === '' ? '.PP' : roff(line)))
}

function nameOf({id}: ManifestCommand): string {
  return `kubectl-mesh-${id.replaceAll(':', '-')}`
}

/** Escapes text for roff: backslashes, hyphens, a control character at the start of a line, and characters outside of ASCII. */
function roff(value: string): string {
  return value
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/[^\0-\x7f]/gu, char => `\\[u${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`)
    .split('\n')
    .map(line => line.replace(/^(?=[.'])/, '\\&'))
    .join('\n')
}

function lines(parts: readonly string[]): string {
  return `${parts.join('\n')}\n`
}
