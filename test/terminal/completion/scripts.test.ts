import {expect, test} from 'vitest'
import {completionFile, completionScript} from '../../../src/terminal/completion/scripts.ts'

test('in PowerShell, an executable answers without Node.js', () => {
  expect(completionScript('powershell', 'kubectl_complete-mesh')).toContain("& 'kubectl_complete-mesh' @arguments")
  expect(completionScript('powershell', "/it's/complete.js")).toContain("& node '/it''s/complete.js' @arguments")
})

test.each(['bash', 'zsh', 'fish'] as const)('%s: a file of a package completes only kubectl-mesh', shell => {
  const [file, script] = [completionFile, completionScript].map(of => of(shell, 'kubectl_complete-mesh'))
  expect(file).not.toMatch(/kubectl$|-c kubectl /m)
  expect(script).toMatch(/kubectl$|-c kubectl /m)
  expect(file).toContain('kubectl-mesh')
})

test('zsh: the file of a package is a function that also answers the first time', () => {
  const lines = completionFile('zsh', 'kubectl_complete-mesh').trimEnd().split('\n')
  expect(lines[0]).toBe('#compdef kubectl-mesh')
  expect(lines.at(-1)).toBe('[[ $funcstack[1] == _kubectl-mesh ]] && __kubectl_mesh_direct')
})
