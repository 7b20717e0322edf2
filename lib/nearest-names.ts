import { distance } from 'fastest-levenshtein';

/** The known names nearest to one that is not known, best first, for "did you mean". */
export function nearestNames(name: string, known: string[], count = 3): string[] {
  return [...known]
    .map((candidate) => ({ candidate, edits: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits || a.candidate.localeCompare(b.candidate))
    .slice(0, count)
    .map(({ candidate }) => candidate);
}
