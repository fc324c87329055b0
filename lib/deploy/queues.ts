import { attribute, type Part, policy, type Resource, ref, type Value } from "./cloudformation.ts"
import { lambdaSeconds } from "./host-function.ts"

const day = 86_400

/** Number of receptions after which SQS itself gives a message up; workers give up earlier, with a reason. */
const maxReceiveCount = 20

const queue = (visibilitySeconds: number, retentionSeconds: number, deadLetters?: Value): Resource => ({
  Type: "AWS::SQS::Queue",
  Properties: {
    VisibilityTimeout: visibilitySeconds,
    MessageRetentionPeriod: retentionSeconds,
    SqsManagedSseEnabled: true,
    ...(deadLetters === undefined ? {} : { RedrivePolicy: { deadLetterTargetArn: deadLetters, maxReceiveCount } })
  }
})

// A message that SQS moves keeps its age: queues keep messages half as long as dead letters, so that those remain for at least a
// week.
const live = 7 * day
const dead = 14 * day

/**
 * Standard queues for host and GPU jobs, each with a dead-letter queue (14 days). The host queue's visibility is six times its
 * function's time-out, as Lambda requires; GPU workers set and extend visibility themselves.
 */
export const queues: Part = {
  Resources: {
    HostDeadLetters: queue(60, dead),
    HostQueue: queue(6 * lambdaSeconds, live, attribute("HostDeadLetters", "Arn")),
    GpuDeadLetters: queue(60, dead),
    GpuQueue: queue(120, live, attribute("GpuDeadLetters", "Arn")),
    QueuesOverTls: {
      Type: "AWS::SQS::QueuePolicy",
      Properties: {
        Queues: [ref("HostQueue"), ref("HostDeadLetters"), ref("GpuQueue"), ref("GpuDeadLetters")],
        PolicyDocument: policy([
          {
            Effect: "Deny",
            Principal: "*",
            Action: ["sqs:*"],
            Resource: "*",
            Condition: { Bool: { "aws:SecureTransport": "false" } }
          }
        ])
      }
    }
  },
  Outputs: {
    HostQueueUrl: { Description: "For submit, status, redrive and cancel: --queue", Value: ref("HostQueue") },
    GpuQueueUrl: { Description: "For the same: --gpu-queue", Value: ref("GpuQueue") }
  }
}
