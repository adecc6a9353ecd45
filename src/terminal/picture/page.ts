import {createHash} from 'node:crypto'
import {escapeMarkup} from './escape.ts'

/** The parts of an HTML page. */
export interface Page {
  /** Plain text. */
  title: string
  style: string
  /** The only script of the page. */
  script?: string
  /** Markup, whose values are escaped. */
  body: string
}

/**
 * One self-contained HTML page. It sends no request.
 *
 * Threat: whoever can name an object in a cluster could run a script in the browser of whoever opens the page. All text is
 * escaped, and the policy of the page permits only this script and this style, by their hashes.
 */
export function htmlPage({title, style, script, body}: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="${policyOf(style, script)}"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>${escapeMarkup(title)}</title>
<link rel="icon" href="data:,"/>
<style>${style}</style>
</head>
<body>
${body}
${script === undefined ? '' : `<script>${script}</script>\n`}</body>
</html>
`
}

function policyOf(style: string, script: string | undefined): string {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  return [
    "default-src 'none'",
    `style-src ${hash(style)}`,
    ...(script === undefined ? [] : [`script-src ${hash(script)}`]),
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
}
