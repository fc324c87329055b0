/** Options of a template. Everything else is a parameter of the stack. */
export interface DeployOptions {
  /** Prefix of all keys in the bucket, without a slash at its end. */
  readonly prefix: string
  /** Instance types with one NVIDIA GPU each, in order of preference; Spot takes the most available one. */
  readonly instanceTypes: readonly string[]
}

export const deployDefaults: DeployOptions = {
  prefix: "semmim",
  instanceTypes: ["g6.xlarge", "g5.xlarge", "g6.2xlarge", "g5.2xlarge"]
}

// The prefix is part of policies, where `*`, `?` and `$` have special meanings.
const prefixes = /^[A-Za-z0-9][A-Za-z0-9_=.-]*(?:\/[A-Za-z0-9][A-Za-z0-9_=.-]*)*$/
const instanceType = /^[a-z][a-z0-9-]*\.[a-z0-9-]+$/

/** Returns the error in options, if any, in one line that names the flag. */
export const optionsFault = ({ prefix, instanceTypes }: DeployOptions): string | undefined => {
  if (!prefixes.test(prefix) || prefix.length > 200)
    return `--prefix ${prefix.slice(0, 80)}: expected at most 200 letters, digits and . _ - = in parts joined by /`
  const bad = instanceTypes.find((type) => !instanceType.test(type))
  return bad === undefined
    ? undefined
    : `--instance-types ${bad.slice(0, 80)}: expected kinds of EC2 instances such as g6.xlarge, joined by commas`
}
