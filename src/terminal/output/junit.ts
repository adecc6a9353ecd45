import type {ReportedFinding} from '../../findings/check.ts'
import type {Verified} from './verify.ts'

/**
 * What was verified as JUnit XML: a testsuite for each title, named by what stands before its parenthesis, a testcase for each check. An error is a failure; a warning
 * is told in `system-out`, since JUnit has none.
 */
export function formatJunit(name: string, all: readonly Verified[]): string {
  const errors = (findings: readonly ReportedFinding[]) => findings.filter(({level}) => level === 'error')
  const tests = all.reduce((sum, {checks}) => sum + checks.length, 0)
  const suites = all.flatMap(({title, checks, findings}) => [
    `  <testsuite name="${escapeXml(nameIn(title))}" tests="${checks.length}" failures="${failedIn(checks, findings)}">`,
    ...checks.flatMap(({id, about, from}) => {
      const found = findings.filter(({check}) => check === id)
      const failures = errors(found)
      const warnings = found.filter(({level}) => level === 'warning')
      const told = [...(from ? [`tested: ${from}`] : []), ...warnings.map(warning => `warning: ${textOf(warning)}`)]
      return [
        `    <testcase classname="${escapeXml(nameIn(title))}" name="${escapeXml(`${id}: ${about}`)}">`,
        // one failure a testcase: most readers take only the first
        ...(failures.length > 0
          ? [
              `      <failure type="${escapeXml(id)}" message="${escapeXml(failures.map(({message}) => message).join('; '))}">${escapeXml(failures.map(textOf).join('\n'))}</failure>`,
            ]
          : []),
        ...(told.length > 0 ? [`      <system-out>${escapeXml(told.join('\n'))}</system-out>`] : []),
        '    </testcase>',
      ]
    }),
    '  </testsuite>',
  ])
  const failures = all.reduce((sum, {checks, findings}) => sum + failedIn(checks, findings), 0)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escapeXml(name)}" tests="${tests}" failures="${failures}">`,
    ...suites,
    '</testsuites>',
    '',
  ].join('\n')
}

/** What stands before the parenthesis of a title: the rest may change with every upgrade, and reports go by names. */
function nameIn(title: string): string {
  return title.split('  ')[0]!
}

function failedIn(checks: Verified['checks'], findings: readonly ReportedFinding[]): number {
  return checks.filter(({id}) => findings.some(({check, level}) => check === id && level === 'error')).length
}

function textOf({message, hints = []}: ReportedFinding): string {
  return [message, ...hints.map(hint => `hint: ${hint}`)].join('\n')
}

/**
 * A text for an attribute or an element. Characters that XML 1.0 has no way to say become U+FFFD (XML 1.0, 2.2 "Characters");
 * line breaks are kept as references, since an attribute would lose them.
 */
export function escapeXml(text: string): string {
  const entities: Record<string, string> = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;'}
  return [...text]
    .map(character => {
      const code = character.codePointAt(0)!
      if (character === '\n' || character === '\r' || character === '\t') return `&#${code};`
      const allowed = code >= 0x20 && (code < 0xd800 || code > 0xdfff) && code !== 0xfffe && code !== 0xffff
      return allowed ? (entities[character] ?? character) : '\ufffd'
    })
    .join('')
}
