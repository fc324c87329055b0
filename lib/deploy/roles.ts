import { assumedBy, type Part, policy, type Resource, ref, type Statement } from "./cloudformation.ts"
import { deleteFromStore, logTo, sendTo, submitTo, takeFrom, useStore } from "./permissions.ts"

/**
 * A policy as a resource separate from its role: a resource that needs the role's permissions has to depend on the policy by
 * name.
 */
const permissions = (description: string, statements: readonly Statement[], ...roles: readonly string[]): Resource => ({
  Type: "AWS::IAM::ManagedPolicy",
  Properties: {
    Description: description,
    PolicyDocument: policy(statements),
    ...(roles.length === 0 ? {} : { Roles: roles.map(ref) })
  }
})

const role = (service: string): Resource => ({
  Type: "AWS::IAM::Role",
  Properties: { AssumeRolePolicyDocument: assumedBy(service) }
})

/**
 * Permissions on queues and store: of a GPU worker, of the function for host jobs, and of people who submit (a policy to attach
 * to their own roles). A worker reaches its prefix, receives from its queue, and sends to the others; nothing more.
 */
export const roles = (prefix: string): Part => ({
  Resources: {
    WorkerRole: role("ecs-tasks.amazonaws.com"),
    WorkerPolicy: permissions(
      "semmim worker: GPU jobs",
      [...useStore(prefix), takeFrom("GpuQueue"), sendTo("HostQueue", "GpuDeadLetters")],
      "WorkerRole"
    ),
    HostRole: role("lambda.amazonaws.com"),
    HostPolicy: permissions(
      "semmim lambda: host jobs",
      [...useStore(prefix), takeFrom("HostQueue"), sendTo("GpuQueue", "HostDeadLetters"), logTo("HostLog")],
      "HostRole"
    ),
    SubmitterPolicy: permissions("semmim submit, status, redrive and cancel", [
      ...useStore(prefix),
      deleteFromStore(prefix),
      ...submitTo(["HostQueue", "GpuQueue"], ["HostDeadLetters", "GpuDeadLetters"])
    ])
  },
  Outputs: {
    SubmitterPolicyArn: { Description: "To attach to the roles of people who submit", Value: ref("SubmitterPolicy") }
  }
})
