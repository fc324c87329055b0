import { computes } from "../compiler/tensorflow/lowering.ts"
import { assumedBy, attribute, type Part, policy, ref, type Statement, text } from "./cloudformation.ts"
import { logTo } from "./permissions.ts"

/** Seconds that a stopped worker has: a Spot instance ends two minutes after its notice. */
const stopSeconds = 115

/** Part of that time for draining: putting messages back, and the end of a poll. */
const drainSeconds = stopSeconds - 15

const healthCheck =
  "fetch('http://127.0.0.1:9464/health').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"

/** Permission to fetch the image, which the agent does before the container has a role of its own. */
const fetchImage: readonly Statement[] = [
  { Effect: "Allow", Action: ["ecr:GetAuthorizationToken"], Resource: "*" },
  {
    Effect: "Allow",
    Action: ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"],
    Resource: text("arn:{AWS::Partition}:ecr:{AWS::Region}:{AWS::AccountId}:repository/*")
  }
]

/**
 * The service of workers with a GPU each: not root, only the caches writable, no capability, no access to the instance's role.
 */
export const workers = (prefix: string): Part => ({
  Parameters: {
    WorkerImage: {
      Type: "String",
      Description: "The image for GPU jobs, in this region's ECR (built with TENSORFLOW=gpu)",
      AllowedPattern: ".+"
    },
    Compute: {
      Type: "String",
      Description: "How matrices are multiplied (SEMMIM_COMPUTE)",
      Default: "float32",
      AllowedValues: computes
    },
    WorkerMemory: { Type: "Number", Description: "MiB that a worker needs", Default: 12288, MinValue: 2048, MaxValue: 1048576 }
  },
  Resources: {
    WorkerLog: { Type: "AWS::Logs::LogGroup", Properties: { RetentionInDays: 30 } },
    WorkerStartRole: {
      Type: "AWS::IAM::Role",
      Properties: {
        AssumeRolePolicyDocument: assumedBy("ecs-tasks.amazonaws.com"),
        Policies: [{ PolicyName: "start", PolicyDocument: policy([...fetchImage, logTo("WorkerLog")]) }]
      }
    },
    Worker: {
      Type: "AWS::ECS::TaskDefinition",
      Properties: {
        RequiresCompatibilities: ["EC2"],
        NetworkMode: "bridge",
        TaskRoleArn: attribute("WorkerRole", "Arn"),
        ExecutionRoleArn: attribute("WorkerStartRole", "Arn"),
        Volumes: [{ Name: "cache" }],
        ContainerDefinitions: [
          {
            Name: "worker",
            Image: ref("WorkerImage"),
            Command: [
              ...["worker", "--class", "gpu", "--queue", ref("HostQueue"), "--gpu-queue", ref("GpuQueue")],
              ...["--store", text(`s3://{Bucket}/${prefix}`), "--engine", "tensorflow", "--drain", String(drainSeconds)]
            ],
            Essential: true,
            MemoryReservation: ref("WorkerMemory"),
            ResourceRequirements: [{ Type: "GPU", Value: "1" }],
            User: "10001:10001",
            ReadonlyRootFilesystem: true,
            DockerSecurityOptions: ["no-new-privileges"],
            LinuxParameters: {
              InitProcessEnabled: true,
              Capabilities: { Drop: ["ALL"] },
              Tmpfs: [{ ContainerPath: "/tmp", Size: 2048, MountOptions: ["nosuid", "nodev", "mode=1777"] }]
            },
            MountPoints: [{ SourceVolume: "cache", ContainerPath: "/var/cache/semmim", ReadOnly: false }],
            Environment: [
              { Name: "AWS_REGION", Value: ref("AWS::Region") },
              { Name: "SEMMIM_COMPUTE", Value: ref("Compute") }
            ],
            HealthCheck: { Command: ["CMD", "node", "-e", healthCheck], Interval: 30, Timeout: 5, Retries: 3, StartPeriod: 120 },
            StopTimeout: stopSeconds,
            LogConfiguration: {
              LogDriver: "awslogs",
              Options: {
                "awslogs-group": ref("WorkerLog"),
                "awslogs-region": ref("AWS::Region"),
                "awslogs-stream-prefix": "worker"
              }
            }
          }
        ]
      }
    },
    Workers: {
      Type: "AWS::ECS::Service",
      DependsOn: ["ClusterCapacity", "WorkerPolicy"],
      Properties: {
        Cluster: ref("Cluster"),
        TaskDefinition: ref("Worker"),
        // Scaling starts from 0; an update of the service resets it to 0, and its messages are received again.
        DesiredCount: 0,
        CapacityProviderStrategy: [{ CapacityProvider: ref("GpuCapacity"), Weight: 1 }],
        DeploymentConfiguration: {
          MinimumHealthyPercent: 0,
          MaximumPercent: 100,
          DeploymentCircuitBreaker: { Enable: true, Rollback: true }
        }
      }
    }
  }
})
