/** A phrase that `docs/style.md` replaces, found in a text. */
export interface WordHit {
  /** Line number, from 1. */
  line: number
  /** The text as found. */
  found: string
  /** What to write in its place. */
  instead: string
}

/** Phrases that no correct sentence here needs, with what replaces them (see `docs/style.md`). */
const phrases: readonly [RegExp, string][] = [
  [/\bsaid\b|\bSaid\b|[a-z]Said\b/g, 'set, specified, requested; `input`'],
  [/\bsays\b|\bsay\b|\bsaying\b/g, 'is set to, is labelled, has, reports; specify'],
  [/\btold\b|\bTold\b|\btells?\b|[a-z]Told\b|\btell[A-Z]\w*/g, 'reported, shown, printed; distinguish'],
  [/\bnobody\b|\bsomebody\b/gi, 'no component, another field manager, no user'],
  [/\b(calls?|called) (itself|themselves)\b/g, 'is labelled, reports'],
  [
    /\bof (its|their|one's|our|your|ours|yours|theirs) own\b|\bof (ours|yours)\b/g,
    'dedicated, separate, our, managed by kubectl-mesh',
  ],
  [/\b(a|after a|the) yes\b/g, 'confirmation, after you confirm'],
  [/\bhas no use\b|\bno use with\b/g, 'has no effect with'],
  [/\bhangs? on\b/g, 'depends on'],
  [/\bis nothing of\b|\bthere is nothing of\b/g, 'no objects found for'],
  [/\bwhat was begun\b/g, 'requests in flight'],
  [/\blets? (nobody|somebody|others|it|them) (in|out)\b|\blet out\b|\blets in\b/g, 'accepts, rejects, exposes'],
  [/\bof our making\b|\bby whomever\b|\bwhosever\b/g, 'created by kubectl-mesh; regardless of its owner'],
  [/\b(another|other|others)'s? own\b|\bothers'/g, 'another owner'],
  [
    /\bJoining\b|\bWish\b|\bFarewell\b|\bsayAgain\b|\bgoOn\b|\bTroubles?\b/g,
    'MeshMember, ClusterChange, cleanup, replayFlags, signal, Finding',
  ],
  [/\bWhat one field alone can't\b/g, 'Cross-field validation.'],
  [/\bto be had\b|\bis to be\b|\bare to be\b/g, 'available; must be'],
]

/**
 * Finds phrases that the style guide replaces.
 *
 * @param text of a source file or a page
 * @returns hits in the order of the lines
 */
export function wordHits(text: string): WordHit[] {
  return text
    .split('\n')
    .flatMap((line, at) =>
      phrases.flatMap(([pattern, instead]) =>
        [...line.matchAll(pattern)].map(([found]) => ({line: at + 1, found, instead})),
      ),
    )
}
