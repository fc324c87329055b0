/** Formats a percentage: one decimal, two below 1 so that the score of random guessing differs from 0. */
export const percent = (value: number): string => (value > 0 && value < 1 ? value.toFixed(2) : value.toFixed(1))
