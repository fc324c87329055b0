/** A percentage for people: one digit after the point, two below 1 so that what guessing gives is told apart from nothing. */
export const percent = (value: number): string => (value > 0 && value < 1 ? value.toFixed(2) : value.toFixed(1))
