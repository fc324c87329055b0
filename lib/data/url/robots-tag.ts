/**
 * Returns the directive of `optOut` that the values of X-Robots-Tag headers have for a program named `userAgent`, or undefined
 * for none.
 * A value is a list of directives, `noai, noimageai`, or one for a single program, `bot: noai`, which concerns no other.
 * Directives are case-insensitive; `unavailable_after:` and the like, which carry a value, are not names of programs.
 */
export const optedOut = (values: readonly string[], optOut: readonly string[], userAgent: string): string | undefined => {
  for (const value of values) {
    const parts = value.toLowerCase().split(",")
    // A program's name applies to the directives after it in the same value.
    let concerned = true
    for (const part of parts) {
      const [before, after] = part.split(":", 2).map((text) => text.trim())
      const named = after !== undefined && !/^(unavailable_after|max-snippet|max-[a-z]+-preview)$/.test(before!)
      if (named) concerned = before === userAgent.toLowerCase() || before === "*"
      const directive = named ? after : before!
      if (concerned && optOut.includes(directive)) return directive
    }
  }
  return undefined
}
