import { attribute, type Part, ref, text, type Value } from "./cloudformation.ts"

const queued = (name: string): Value => ({
  Namespace: "AWS/SQS",
  MetricName: name,
  Dimensions: [{ Name: "QueueName", Value: attribute("GpuQueue", "QueueName") }]
})

const running: Value = {
  Namespace: "ECS/ContainerInsights",
  MetricName: "RunningTaskCount",
  Dimensions: [
    { Name: "ClusterName", Value: ref("Cluster") },
    { Name: "ServiceName", Value: attribute("Workers", "Name") }
  ]
}

const measured = (Id: string, Metric: Value, Stat: string): Value => ({ Id, MetricStat: { Metric, Stat }, ReturnData: false })

/**
 * Messages waiting and in progress, per worker; those in progress count, since the last workers would be stopped during their
 * jobs otherwise.
 */
const backlog = "(FILL(waiting, 0) + FILL(underway, 0)) / (FILL(workers, 0) + (FILL(workers, 0) == 0))"

/**
 * Scales from 0 to MaxWorkers by the backlog per worker: target tracking between one and the maximum; an alarm starts the first
 * worker, since target tracking scales in proportion to the current number, which cannot leave 0.
 */
export const scaling: Part = {
  Parameters: {
    JobsPerWorker: {
      Type: "Number",
      Description: "GPU jobs, waiting and under way, for which there is to be a worker",
      Default: 2,
      MinValue: 1,
      MaxValue: 10000
    }
  },
  Resources: {
    WorkerCount: {
      Type: "AWS::ApplicationAutoScaling::ScalableTarget",
      Properties: {
        ServiceNamespace: "ecs",
        ScalableDimension: "ecs:service:DesiredCount",
        ResourceId: text("service/{Cluster}/{Workers.Name}"),
        MinCapacity: 0,
        MaxCapacity: ref("MaxWorkers")
      }
    },
    WorkersByBacklog: {
      Type: "AWS::ApplicationAutoScaling::ScalingPolicy",
      Properties: {
        PolicyName: "backlog-per-worker",
        PolicyType: "TargetTrackingScaling",
        ScalingTargetId: ref("WorkerCount"),
        TargetTrackingScalingPolicyConfiguration: {
          TargetValue: ref("JobsPerWorker"),
          ScaleOutCooldown: 120,
          ScaleInCooldown: 600,
          CustomizedMetricSpecification: {
            Metrics: [
              measured("waiting", queued("ApproximateNumberOfMessagesVisible"), "Average"),
              measured("underway", queued("ApproximateNumberOfMessagesNotVisible"), "Average"),
              measured("workers", running, "Average"),
              { Id: "backlog", Expression: backlog, Label: "Jobs for each worker", ReturnData: true }
            ]
          }
        }
      }
    },
    FirstWorker: {
      Type: "AWS::ApplicationAutoScaling::ScalingPolicy",
      Properties: {
        PolicyName: "first-worker",
        PolicyType: "StepScaling",
        ScalingTargetId: ref("WorkerCount"),
        StepScalingPolicyConfiguration: {
          AdjustmentType: "ChangeInCapacity",
          Cooldown: 600,
          MetricAggregationType: "Maximum",
          StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }]
        }
      }
    },
    JobsAndNoWorker: {
      Type: "AWS::CloudWatch::Alarm",
      Properties: {
        AlarmDescription: "GPU jobs wait and there is no worker",
        Metrics: [
          {
            Id: "waiting",
            MetricStat: { Metric: queued("ApproximateNumberOfMessagesVisible"), Stat: "Maximum", Period: 60 },
            ReturnData: false
          },
          { Id: "workers", MetricStat: { Metric: running, Stat: "Maximum", Period: 60 }, ReturnData: false },
          {
            Id: "unserved",
            Expression: "IF(FILL(workers, 0) > 0, 0, waiting)",
            Label: "Waiting for a first worker",
            ReturnData: true
          }
        ],
        ComparisonOperator: "GreaterThanOrEqualToThreshold",
        Threshold: 1,
        EvaluationPeriods: 1,
        TreatMissingData: "notBreaching",
        AlarmActions: [ref("FirstWorker")]
      }
    }
  }
}
