/** Returns the message of what a function throws; "" where it throws nothing. */
export const thrownMessage = (f: () => unknown): string => {
  try {
    f()
  } catch (error) {
    return (error as Error).message
  }
  return ""
}
