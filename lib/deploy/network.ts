import { attribute, type Part, policy, type Resource, ref, text, type Value } from "./cloudformation.ts"

const subnet = (nth: number): Resource => ({
  Type: "AWS::EC2::Subnet",
  Properties: {
    VpcId: ref("Network"),
    AvailabilityZone: { "Fn::Select": [String(nth), { "Fn::GetAZs": "" }] },
    CidrBlock: `10.0.${nth * 64}.0/18`,
    MapPublicIpOnLaunch: true
  }
})

const routes = (name: string): Resource => ({
  Type: "AWS::EC2::SubnetRouteTableAssociation",
  Properties: { SubnetId: ref(name), RouteTableId: ref("Routes") }
})

/** The subnets that workers are started in. */
export const subnets: readonly Value[] = [ref("SubnetA"), ref("SubnetB")]

/**
 * A separate network: instances make outgoing TLS connections and accept no incoming ones, so no NAT gateway is paid for. S3 is
 * reached by a gateway endpoint that admits the bucket, and the layers of images, and nothing else.
 */
export const network = (prefix: string): Part => ({
  Resources: {
    Network: {
      Type: "AWS::EC2::VPC",
      Properties: { CidrBlock: "10.0.0.0/16", EnableDnsSupport: true, EnableDnsHostnames: true }
    },
    Gateway: { Type: "AWS::EC2::InternetGateway", Properties: {} },
    GatewayAttached: {
      Type: "AWS::EC2::VPCGatewayAttachment",
      Properties: { VpcId: ref("Network"), InternetGatewayId: ref("Gateway") }
    },
    Routes: { Type: "AWS::EC2::RouteTable", Properties: { VpcId: ref("Network") } },
    RouteOut: {
      Type: "AWS::EC2::Route",
      DependsOn: "GatewayAttached",
      Properties: { RouteTableId: ref("Routes"), DestinationCidrBlock: "0.0.0.0/0", GatewayId: ref("Gateway") }
    },
    SubnetA: subnet(0),
    SubnetARoutes: routes("SubnetA"),
    SubnetB: subnet(1),
    SubnetBRoutes: routes("SubnetB"),
    S3Endpoint: {
      Type: "AWS::EC2::VPCEndpoint",
      Properties: {
        VpcEndpointType: "Gateway",
        VpcId: ref("Network"),
        RouteTableIds: [ref("Routes")],
        ServiceName: text("com.amazonaws.{AWS::Region}.s3"),
        PolicyDocument: policy([
          {
            Effect: "Allow",
            Principal: "*",
            Action: ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListBucket"],
            Resource: [attribute("Bucket", "Arn"), text(`{Bucket.Arn}/${prefix}/*`)]
          },
          {
            Effect: "Allow",
            Principal: "*",
            Action: ["s3:GetObject"],
            Resource: text("arn:{AWS::Partition}:s3:::prod-{AWS::Region}-starport-layer-bucket/*")
          }
        ])
      }
    },
    WorkerFirewall: {
      Type: "AWS::EC2::SecurityGroup",
      Properties: {
        GroupDescription: "semmim workers: TLS out, nothing in",
        VpcId: ref("Network"),
        SecurityGroupEgress: [
          { IpProtocol: "tcp", FromPort: 443, ToPort: 443, CidrIp: "0.0.0.0/0", Description: "services of AWS" }
        ]
      }
    }
  }
})
