import { bucket } from "./bucket.ts"
import { budget } from "./budget.ts"
import type { Output, Parameter, Part, Resource } from "./cloudformation.ts"
import { hostFunction } from "./host-function.ts"
import { machines } from "./machines.ts"
import { network } from "./network.ts"
import type { DeployOptions } from "./options.ts"
import { queues } from "./queues.ts"
import { roles } from "./roles.ts"
import { scaling } from "./scaling.ts"
import { workers } from "./workers.ts"

/** A CloudFormation template. */
export interface Template {
  readonly AWSTemplateFormatVersion: "2010-09-09"
  readonly Description: string
  readonly Parameters: { readonly [name: string]: Parameter }
  readonly Resources: { readonly [name: string]: Resource }
  readonly Outputs: { readonly [name: string]: Output }
}

/** Merges the entries of several records; a name that occurs twice is a bug here. */
const together = <A>(records: readonly ({ readonly [name: string]: A } | undefined)[]): { readonly [name: string]: A } => {
  const entries = records.flatMap((record) => Object.entries(record ?? {}))
  const names = entries.map(([name]) => name)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new Error(`the template has two of ${twice}`)
  return Object.fromEntries(entries)
}

/** Returns the template of all resources that pipelines need on AWS, from valid options (`optionsFault`). */
export const deployTemplate = ({ prefix, instanceTypes }: DeployOptions): Template => {
  const parts: readonly Part[] = [
    queues,
    bucket(prefix),
    roles(prefix),
    hostFunction(prefix),
    network(prefix),
    machines(instanceTypes),
    workers(prefix),
    scaling,
    budget
  ]
  return {
    AWSTemplateFormatVersion: "2010-09-09",
    Description: "semmim: queues, store, workers on GPUs, and a function for host jobs",
    Parameters: together(parts.map((part) => part.Parameters)),
    Resources: together(parts.map((part) => part.Resources)),
    Outputs: together(parts.map((part) => part.Outputs))
  }
}
