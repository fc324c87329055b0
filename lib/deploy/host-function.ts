import { attribute, type Part, ref, text } from "./cloudformation.ts"

/** The function's time-out, Lambda's maximum. */
export const lambdaSeconds = 900

/** Seconds left when a job is stopped, for recording the reason. */
const spareSeconds = 60

/** Messages of one event; the function runs them concurrently. */
const batch = 2

/** The Lambda function for host jobs, from the image's CPU variant, and its event source. */
export const hostFunction = (prefix: string): Part => ({
  Parameters: {
    HostImage: {
      Type: "String",
      Description: "The image for host jobs, in this region's ECR (built with TENSORFLOW=none)",
      AllowedPattern: ".+"
    },
    HostMemory: {
      Type: "Number",
      Description: "MiB for host jobs, which come with cores",
      Default: 3008,
      MinValue: 1024,
      MaxValue: 10240
    },
    MaxHosts: { Type: "Number", Description: "Events for host jobs at a time", Default: 10, MinValue: 2, MaxValue: 1000 }
  },
  Resources: {
    HostLog: { Type: "AWS::Logs::LogGroup", Properties: { RetentionInDays: 30 } },
    HostFunction: {
      Type: "AWS::Lambda::Function",
      Properties: {
        Description: "semmim: host jobs",
        PackageType: "Image",
        Code: { ImageUri: ref("HostImage") },
        ImageConfig: {
          Command: [
            ...["lambda", "--queue", ref("HostQueue"), "--gpu-queue", ref("GpuQueue"), "--dead-letters", ref("HostDeadLetters")],
            ...["--store", text(`s3://{Bucket}/${prefix}`), "--cache", "/tmp/cache"],
            ...["--job-limit", String(lambdaSeconds - spareSeconds), "--concurrency", String(batch)]
          ]
        },
        Architectures: ["x86_64"],
        MemorySize: ref("HostMemory"),
        EphemeralStorage: { Size: 4096 },
        Timeout: lambdaSeconds,
        Role: attribute("HostRole", "Arn"),
        LoggingConfig: { LogGroup: ref("HostLog") },
        // Lambda's root file system is read-only except for this folder.
        Environment: { Variables: { HOME: "/tmp" } }
      }
    },
    HostEvents: {
      Type: "AWS::Lambda::EventSourceMapping",
      DependsOn: "HostPolicy",
      Properties: {
        FunctionName: ref("HostFunction"),
        EventSourceArn: attribute("HostQueue", "Arn"),
        BatchSize: batch,
        FunctionResponseTypes: ["ReportBatchItemFailures"],
        ScalingConfig: { MaximumConcurrency: ref("MaxHosts") }
      }
    }
  }
})
