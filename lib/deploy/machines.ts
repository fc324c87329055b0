import { assumedBy, attribute, type Part, policy, ref, text } from "./cloudformation.ts"
import { subnets } from "./network.ts"

const startScript = [
  "#!/bin/bash",
  "cat >> /etc/ecs/ecs.config <<'CONFIG'",
  "ECS_CLUSTER={Cluster}",
  "ECS_ENABLE_GPU_SUPPORT=true",
  "ECS_ENABLE_SPOT_INSTANCE_DRAINING=true",
  "ECS_CONTAINER_STOP_TIMEOUT=115s",
  "CONFIG",
  ""
].join("\n")

/** Permissions of an instance's agent: to take part in its own cluster. */
const agent = policy([
  { Effect: "Allow", Action: ["ecs:DiscoverPollEndpoint"], Resource: "*" },
  {
    Effect: "Allow",
    Action: [
      "ecs:RegisterContainerInstance",
      "ecs:DeregisterContainerInstance",
      "ecs:SubmitAttachmentStateChanges",
      "ecs:SubmitContainerStateChange",
      "ecs:SubmitTaskStateChange"
    ],
    Resource: attribute("Cluster", "Arn")
  },
  {
    Effect: "Allow",
    Action: ["ecs:Poll", "ecs:StartTelemetrySession", "ecs:UpdateContainerInstancesState"],
    Resource: text("arn:{AWS::Partition}:ecs:{AWS::Region}:{AWS::AccountId}:container-instance/{Cluster}/*")
  }
])

/**
 * Instances with GPUs as a capacity provider of ECS: none while there is no work, the first ones on demand and the others Spot,
 * of several types, so that a shortage of one type does not stop the work.
 */
export const machines = (instanceTypes: readonly string[]): Part => ({
  Parameters: {
    MaxWorkers: { Type: "Number", Description: "GPU instances at a time, at most", Default: 4, MinValue: 1, MaxValue: 1000 },
    OnDemandBase: {
      Type: "Number",
      Description: "How many of the instances, the first ones, are on demand instead of Spot",
      Default: 1,
      MinValue: 0,
      MaxValue: 1000
    },
    MachineImage: {
      Type: "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
      Description: "Amazon's image for ECS with NVIDIA's driver",
      Default: "/aws/service/ecs/optimized-ami/amazon-linux-2023/gpu/recommended/image_id"
    }
  },
  Resources: {
    Cluster: {
      Type: "AWS::ECS::Cluster",
      Properties: { ClusterSettings: [{ Name: "containerInsights", Value: "enabled" }] }
    },
    MachineRole: {
      Type: "AWS::IAM::Role",
      Properties: {
        AssumeRolePolicyDocument: assumedBy("ec2.amazonaws.com"),
        Policies: [{ PolicyName: "agent", PolicyDocument: agent }]
      }
    },
    MachineProfile: { Type: "AWS::IAM::InstanceProfile", Properties: { Roles: [ref("MachineRole")] } },
    Machine: {
      Type: "AWS::EC2::LaunchTemplate",
      Properties: {
        LaunchTemplateData: {
          ImageId: ref("MachineImage"),
          IamInstanceProfile: { Arn: attribute("MachineProfile", "Arn") },
          SecurityGroupIds: [ref("WorkerFirewall")],
          // One hop: containers cannot reach the instance's own role.
          MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 1 },
          BlockDeviceMappings: [
            { DeviceName: "/dev/xvda", Ebs: { VolumeSize: 100, VolumeType: "gp3", Encrypted: true, DeleteOnTermination: true } }
          ],
          UserData: { "Fn::Base64": text(startScript) }
        }
      }
    },
    Machines: {
      Type: "AWS::AutoScaling::AutoScalingGroup",
      DependsOn: ["RouteOut", "SubnetARoutes", "SubnetBRoutes"],
      Properties: {
        MinSize: "0",
        MaxSize: ref("MaxWorkers"),
        VPCZoneIdentifier: subnets,
        CapacityRebalance: true,
        NewInstancesProtectedFromScaleIn: true,
        MixedInstancesPolicy: {
          InstancesDistribution: {
            OnDemandBaseCapacity: ref("OnDemandBase"),
            OnDemandPercentageAboveBaseCapacity: 0,
            SpotAllocationStrategy: "price-capacity-optimized"
          },
          LaunchTemplate: {
            LaunchTemplateSpecification: {
              LaunchTemplateId: ref("Machine"),
              Version: attribute("Machine", "LatestVersionNumber")
            },
            Overrides: instanceTypes.map((InstanceType) => ({ InstanceType }))
          }
        }
      }
    },
    GpuCapacity: {
      Type: "AWS::ECS::CapacityProvider",
      Properties: {
        AutoScalingGroupProvider: {
          AutoScalingGroupArn: ref("Machines"),
          ManagedScaling: { Status: "ENABLED", TargetCapacity: 100, InstanceWarmupPeriod: 300 },
          ManagedTerminationProtection: "ENABLED",
          ManagedDraining: "ENABLED"
        }
      }
    },
    ClusterCapacity: {
      Type: "AWS::ECS::ClusterCapacityProviderAssociations",
      Properties: {
        Cluster: ref("Cluster"),
        CapacityProviders: [ref("GpuCapacity")],
        DefaultCapacityProviderStrategy: [{ CapacityProvider: ref("GpuCapacity"), Weight: 1 }]
      }
    }
  }
})
